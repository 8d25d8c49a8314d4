//! The contract of a store as tests: the author of a store names it in [`store_conformance!`](crate::store_conformance), each rule
//! runs against a fresh one.
//!
//! The rules are in groups:
//!
//! - [`users`] for every store, and [`transactions`] for every store with rollback, which a store of real accounts must have. (The example
//!   `custom-store` has no transactions, and says so.)
//! - [`sessions`], [`directory`] and [`import`] for the traits [`SessionStore`](crate::store::SessionStore),
//!   [`Directory`](crate::store::Directory) and [`Import`](crate::store::Import).
//! - Groups that run only if the macro names them: [`profiles`] for a store of users with the profile [`Fragile`](profiles::Fragile);
//!   [`usernames`] for a store of accounts that keeps user names; [`counters`] for a [`CounterStore`](crate::limits::CounterStore), which need not be a store of accounts; `credentials` for a
//!   [`CredentialStore`](crate::store::CredentialStore), with the rules of [`credentials`] and of [`pending`]; `outbox` for an
//!   `OutboxStore` (feature `outbox`); and [`history`] for a [`HistoryStore`](crate::store::HistoryStore).
//!
//! A rule is an async function that panics if the store breaks it. It can also be called by itself, inside a tokio runtime.

pub mod counters;
pub mod credentials;
pub mod directory;
#[cfg(test)]
mod faults;
pub mod history;
pub mod import;
pub mod outbox;
pub mod pending;
pub mod profiles;
pub(crate) mod sample;
pub mod sessions;
pub mod transactions;
pub mod usernames;
pub mod users;

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
};

use tokio::sync::Barrier;

use crate::{
    StoreError, UserStore,
    store::{Lookup, RecordOf},
    user::NewRecord,
};

/// The number of tasks that do the same at the same time.
const RIVALS: usize = 16;

/// Runs a rule to its end, on a runtime of several threads.
///
/// # Panics
/// If the rule panics, or no thread can be started.
pub fn run<T>(rule: impl Future<Output = T>) -> T {
    // A runtime is compiled for each type of future, and there are hundreds of rules for each store.
    let rule: Pin<&mut dyn Future<Output = T>> = pin!(rule);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().expect("a runtime starts").block_on(rule)
}

/// Writes one account in its own transaction.
async fn add<S: UserStore>(store: &S, new: &NewRecord<S::Profile>) -> Result<S::Id, StoreError> {
    let mut tx = store.begin().await?;
    let id = store.insert(&mut tx, new).await?;
    store.commit(tx).await?;
    Ok(id)
}

/// Writes an account and reads it back.
async fn added<S: UserStore>(store: &S, new: &NewRecord<S::Profile>) -> RecordOf<S> {
    let id = add(store, new).await.expect("a new account is accepted");
    stored(store, &id).await.expect("what was committed is found")
}

/// Updates one account in its own transaction.
async fn change<S: UserStore>(store: &S, record: &RecordOf<S>) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store.update(&mut tx, record).await?;
    store.commit(tx).await
}

/// Deletes one account in its own transaction.
async fn remove<S: UserStore>(store: &S, id: &S::Id) -> bool {
    let mut tx = store.begin().await.expect("a transaction opens");
    let removed = store.delete(&mut tx, id).await.expect("deleting does not fail");
    store.commit(tx).await.expect("the transaction commits");
    removed
}

async fn stored<S: UserStore>(store: &S, id: &S::Id) -> Option<RecordOf<S>> {
    store.find(Lookup::Id(id)).await.expect("looking up does not fail")
}

/// Lets [`RIVALS`] tasks do the same at the same time and returns their results.
async fn compete<S: Send + Sync + 'static, T: Send + 'static, F>(
    store: S,
    attempt: impl Fn(Arc<S>, usize) -> F,
) -> (Arc<S>, Vec<T>)
where
    F: Future<Output = T> + Send + 'static,
{
    let (store, start) = (Arc::new(store), Arc::new(Barrier::new(RIVALS)));
    let rivals: Vec<_> = (0..RIVALS)
        .map(|number| {
            let (start, attempt) = (Arc::clone(&start), attempt(Arc::clone(&store), number));
            tokio::spawn(async move {
                start.wait().await;
                attempt.await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for rival in rivals {
        outcomes.push(rival.await.expect("a rival does not panic"));
    }
    (store, outcomes)
}

/// Writes a module with one `#[test]` per rule of the store contract, each against a fresh store.
///
/// The arguments are the name of the module; an expression that makes an empty store and may `.await`; then, optionally,
/// `profile: <expression>` for stores whose users have one ([`NoProfile`](crate::NoProfile) otherwise), and `rules: [<groups>]` for
/// stores that keep other groups than these five: [`users`](crate::testing::conformance::users),
/// [`transactions`](crate::testing::conformance::transactions), [`sessions`](crate::testing::conformance::sessions),
/// [`directory`](crate::testing::conformance::directory), [`import`](crate::testing::conformance::import). Where they are named,
/// there are [`profiles`](crate::testing::conformance::profiles), [`usernames`](crate::testing::conformance::usernames), [`counters`](crate::testing::conformance::counters),
/// [`credentials`](crate::testing::conformance::credentials), [`history`](crate::testing::conformance::history) and, with the feature `outbox`, `outbox`. The tests need no runtime
/// around them.
///
/// ```
/// use usermgr::{MemoryStore, store_conformance, testing::conformance::profiles::Fragile};
///
/// store_conformance!(memory, MemoryStore::new());
/// store_conformance!(users_only, MemoryStore::new(), rules: [users, transactions]);
/// store_conformance!(
///     unreadable,
///     MemoryStore::<Fragile>::default(),
///     profile: Fragile::named("Ada"),
///     rules: [profiles]
/// );
/// store_conformance!(counting, usermgr::limits::MemoryCounters::default(), rules: [counters]);
/// store_conformance!(credentials, MemoryStore::new(), rules: [credentials]);
/// store_conformance!(usernames, MemoryStore::new(), rules: [usernames]);
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($module:ident, $store:expr $(, profile: $profile:expr)? $(,)?) => {
        $crate::store_conformance!($module, $store, $(profile: $profile,)? rules: [users, transactions, sessions, directory, import]);
    };
    ($module:ident, $store:expr, rules: [$($group:ident),+ $(,)?] $(,)?) => {
        $crate::store_conformance!($module, $store, profile: $crate::NoProfile, rules: [$($group),+]);
    };
    ($module:ident, $store:expr, profile: $profile:expr, rules: [$($group:ident),+ $(,)?] $(,)?) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            $($crate::store_conformance!(@group $group, $store, $profile);)+
        }
    };
    (@group users, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests users, $store, $profile, [
            an_insert_keeps_every_field
            an_account_may_have_no_password
            an_update_keeps_every_field_and_counts_the_version
            an_account_is_found_by_any_spelling_of_its_address
            x9_an_address_is_compared_letter_by_letter
            no_user_is_found_in_an_empty_store
            u5_an_impossible_id_finds_no_user
            r1_a_taken_address_is_a_conflict_on_insert
            a_taken_address_is_a_conflict_on_update
            an_account_may_respell_its_own_address
            a_left_address_is_free
            an_old_version_is_stale
            a_missing_account_is_stale
            deleting_tells_whether_there_was_one
            x13_an_id_is_never_used_again
            m2_active_superusers_are_counted
            r1_of_sixteen_inserts_of_one_address_one_wins
            t1_of_sixteen_updates_of_one_version_one_wins
            accounts_are_found_to_be_held
            w4_a_token_is_used_once
            w4_of_sixteen_uses_of_one_token_one_wins
        ]);
    };
    (@group usernames, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests usernames, $store, $profile, [
            a_name_is_kept_and_found_in_any_case
            x9_a_name_is_compared_letter_by_letter
            accounts_may_have_no_name
            un2_a_taken_name_is_a_conflict_on_insert
            un2_a_taken_name_is_a_conflict_on_update
            a_name_is_changed_by_an_update
            un5_a_left_name_is_free
            un2_of_sixteen_inserts_of_one_name_one_wins
        ]);
    };
    (@group transactions, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests transactions, $store, $profile, [
            a_dropped_insert_leaves_nothing
            a_dropped_update_leaves_nothing
            a_dropped_delete_leaves_nothing
            a_refused_write_leaves_nothing_of_the_others
            writes_become_visible_together
            two_who_wait_for_each_other_may_try_again
            w1_who_is_held_is_held_until_the_transaction_ends
            w1_two_who_hold_each_other_take_turns
            w4_a_dropped_use_of_a_token_is_none
            m2_of_two_superusers_who_demote_each_other_one_remains
        ]);
    };
    (@group sessions, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests sessions, $store, $profile, [
            a_session_keeps_every_field
            a_session_may_come_from_nowhere
            im2_the_administrator_of_a_session_is_kept
            x9_a_user_agent_is_kept_as_it_is
            u5_a_nul_byte_is_kept_or_refused
            an_unknown_digest_is_no_session
            a_session_is_found_by_its_name
            s6_the_list_is_a_users_own
            s2_an_insert_never_replaces_a_session
            a_session_comes_with_the_current_record_of_its_user
            touching_changes_when_it_was_seen_and_nothing_else
            a_restamp_stands_with_its_transaction
            a_restamp_falls_with_its_transaction
            w1_a_session_is_seen_while_its_user_is_held
            w1_a_session_does_not_end_while_its_user_is_held
            s6_a_user_ends_their_own_session_and_no_other
            u5_a_session_that_cannot_be_is_not_ended
            s6_all_sessions_of_a_user_end_and_no_others
            s6_all_other_sessions_of_a_user_end
            s21_the_oldest_sessions_of_a_user_end_and_no_others
            im5_a_session_of_an_administrator_does_not_count_among_the_oldest
            s21_of_sixteen_logins_at_once_no_more_stay_than_may
            j8_a_rotation_replaces_the_expected_token_only
            j8_of_sixteen_rotations_of_one_token_one_wins
            j8_an_ended_session_is_not_rotated
            j7_an_ended_token_finds_no_user
            purging_forgets_ended_tokens
            purging_takes_what_has_ended
            x13_sessions_go_with_their_user
            x13_a_session_of_an_unknown_user_is_not_found
        ]);
    };
    (@group directory, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests directory, $store, $profile, [
            an_empty_store_has_an_empty_page
            the_pages_hold_every_account_once
            a_cursor_outlives_its_account
            a_search_finds_what_begins_with_the_prefix
            a_search_finds_by_flags
            a_cursor_of_a_search_outlives_its_account
        ]);
    };
    (@group import, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests import, $store, $profile, [
            an_import_keeps_the_id_and_every_field
            an_import_never_replaces_an_account
            a_dropped_import_leaves_nothing
            x13_the_id_of_an_import_is_never_given_again
            an_imported_credential_keeps_every_field
            an_imported_credential_never_replaces_another
            x13_an_imported_credential_has_a_user
        ]);
    };
    (@group profiles, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests profiles, $store, $profile, [
            m4_what_could_not_be_read_back_is_not_inserted
            m4_what_could_not_be_read_back_replaces_nothing
            m5_an_unreadable_account_is_found_without_its_profile
            m5_an_unreadable_account_is_changed_and_deleted
            m5_an_unreadable_account_is_listed_beside_the_others
        ]);
    };
    (@group counters, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests counters, $store, $profile, [
            l1_delays_grow_and_are_forgotten
            keys_count_for_themselves
            what_is_taken_back_was_never_there
            l4_what_is_taken_back_leaves_the_time_as_it_was
            l11_a_clock_that_is_put_right_lengthens_no_delay
            l14_what_is_remembered_lasts_as_long_as_it_is_to
            a_cleared_key_begins_again
            a_purge_leaves_what_still_counts
            l1_of_sixteen_at_once_three_are_allowed
        ]);
    };
    (@group credentials, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests credentials, $store, $profile, [
            a_credential_keeps_every_field
            a_credential_comes_with_its_user
            an_unknown_lookup_is_no_credential
            a_lookup_is_taken_once_in_its_kind
            an_identity_is_linked_once
            an_insert_never_replaces_a_credential
            of_sixteen_inserts_of_one_lookup_one_wins
            x13_a_credential_of_an_unknown_user_is_refused
            a_swap_replaces_what_may_change
            an_old_version_is_not_swapped
            of_sixteen_swaps_of_one_version_one_wins
            an_expired_credential_is_not_found
            credentials_are_deleted_by_name_and_kind
            a_dropped_transaction_leaves_credentials_as_they_were
            a_credential_stands_with_its_transaction
            the_pages_hold_every_credential_once
            the_pages_of_a_kind_hold_nothing_else
            x13_credentials_go_with_their_user
            purging_takes_expired_credentials
        ]);
        $crate::store_conformance!(@tests pending, $store, $profile, [
            a_pending_step_keeps_every_field
            a_pending_step_serves_one_purpose
            a_pending_step_never_replaces_another
            x13_a_pending_step_of_an_unknown_user_is_refused
            an_expired_pending_step_takes_no_answer
            no_more_attempts_are_counted_than_allowed
            of_sixteen_attempts_at_once_five_are_counted
            of_sixteen_who_take_one_pending_step_one_gets_it
            all_pending_steps_of_a_user_end_and_no_others
            a_dropped_transaction_leaves_pending_steps_as_they_were
            x13_pending_steps_go_with_their_user
            purging_takes_expired_pending_steps
        ]);
    };
    (@group outbox, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests outbox, $store, $profile, [
            x6_a_row_stands_with_its_change
            x6_a_row_falls_with_its_change
            a_row_keeps_every_field
            what_is_due_longest_is_claimed_first
            a_row_is_claimed_when_it_is_due
            a_claimed_row_has_one_worker_until_the_lease_ends
            x6_of_sixteen_who_claim_at_once_one_gets_each_row
            what_is_done_is_gone
            a_retry_waits_for_its_time
            a_worker_that_has_lost_a_row_does_not_move_it
            what_has_failed_stays_and_is_not_claimed
            what_has_failed_is_listed_page_by_page
            what_has_failed_is_claimed_again_after_a_retry
            only_what_has_failed_is_retried_or_deleted
            purging_takes_what_has_failed
            x13_rows_go_with_their_user
            x13_a_row_for_an_unknown_user_is_refused
        ]);
    };
    (@group history, $store:expr, $profile:expr) => {
        $crate::store_conformance!(@tests history, $store, $profile, [
            a_login_keeps_every_field
            logins_are_listed_from_the_latest_since_a_time
            lh2_the_latest_logins_and_refusals_are_kept_separately
            lh2_of_sixteen_logins_at_once_no_more_stay_than_may
            x13_logins_go_with_their_user
            lh5_purging_takes_old_logins
        ]);
    };
    (@tests $group:ident, $store:expr, $profile:expr, [$($rule:ident)+]) => {
        mod $group {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $rule() {
                    $crate::testing::conformance::run(async {
                        $crate::testing::conformance::$group::$rule($store, $profile).await
                    });
                }
            )+
        }
    };
}

#[cfg(test)]
mod tests {
    /// A rule that the macro does not name would prove nothing.
    #[test]
    fn every_rule_is_named() {
        let groups = [
            include_str!("usernames.rs"),
            include_str!("users.rs"),
            include_str!("transactions.rs"),
            include_str!("sessions.rs"),
            include_str!("directory.rs"),
            include_str!("import.rs"),
            include_str!("profiles.rs"),
            include_str!("counters.rs"),
            include_str!("credentials.rs"),
            include_str!("pending.rs"),
            include_str!("outbox.rs"),
            include_str!("history.rs"),
        ];
        let named: Vec<&str> = include_str!("mod.rs").lines().map(str::trim).collect();
        let rules = groups.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("pub async fn "));
        let rules: Vec<&str> = rules.filter_map(|rest| rest.split('<').next()).collect();
        assert!(rules.len() > 40, "{rules:?}");
        for rule in rules {
            assert_eq!(named.iter().filter(|line| **line == rule).count(), 1, "{rule}");
        }
    }
}
