//! Proof that the rules prove something: a store of accounts without transactions passes the first group, and with one injected fault it
//! breaks the rule against this fault.

mod credentials;

use std::{collections::BTreeMap, panic, sync::Mutex, time::Duration};

use jiff::Timestamp;

use super::{directory, profiles, profiles::Fragile, run, transactions, users};
use crate::{
    NoProfile, Profile, StoreError, UserStore,
    store::{Directory, ListQuery, Listed, Lookup, UserFilter},
    user::{EmailAddress, NewRecord, Record},
};

type Row<P> = Record<P, i64>;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Looks whether the address is free, then writes.
    LooksBeforeItWrites,
    /// Has no unique index at all.
    TakesEveryAddress,
    /// Compares the address in its stored form.
    MindsSpelling,
    /// The last update wins.
    ForgetsVersions,
    /// Does not count updates.
    CountsNoVersion,
    /// Numbers accounts by how many there are.
    NumbersAgain,
    /// Counts inactive superusers.
    CountsEverySuperuser,
    /// Lets a token be used any number of times.
    UsesTwice,
    /// Returns an account for each of its names.
    FindsOneTwice,
    /// Begins each page of a search with the first account.
    SearchesFromTheStart,
    /// Finds every account.
    FindsEverything,
    /// Keeps credentials in another way than required.
    OfCredentials(credentials::Flaw),
}

/// It keeps profiles as values, and not in the form of a database.
struct Notebook<P = NoProfile> {
    fault: Fault,
    rows: Mutex<(i64, BTreeMap<i64, Row<P>>)>,
    used: Mutex<BTreeMap<String, Timestamp>>,
    drawer: Mutex<credentials::Drawer>,
}

impl<P: Profile> Notebook<P> {
    fn new(fault: Fault) -> Self {
        Self { fault, rows: Mutex::new((0, BTreeMap::new())), used: Mutex::default(), drawer: Mutex::default() }
    }

    fn takes(&self, id: i64, row: &Row<P>) -> bool {
        let taken = |other: &Row<P>| other.user.email == row.user.email && other.user.id != id;
        self.fault != Fault::TakesEveryAddress && self.rows.lock().unwrap().1.values().any(taken)
    }
}

impl<P: Profile> UserStore for Notebook<P> {
    type Profile = P;
    type Id = i64;
    type Tx = ();

    async fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(&self, (): ()) -> Result<(), StoreError> {
        Ok(())
    }

    async fn find(&self, by: Lookup<'_, i64>) -> Result<Option<Row<P>>, StoreError> {
        let rows = &self.rows.lock().unwrap().1;
        Ok(match by {
            Lookup::Id(id) => rows.get(id).cloned(),
            Lookup::Email(email) if self.fault == Fault::MindsSpelling => {
                rows.values().find(|row| row.user.email.as_str() == email.as_str()).cloned()
            }
            Lookup::Email(email) => rows.values().find(|row| row.user.email == email).cloned(),
            Lookup::Username(name) => rows.values().find(|row| row.user.username.as_ref() == Some(name)).cloned(),
        })
    }

    async fn insert(&self, (): &mut (), new: &NewRecord<P>) -> Result<i64, StoreError> {
        if self.fault == Fault::LooksBeforeItWrites {
            if self.takes(0, &new.with_id(0)) {
                return Err(StoreError::Conflict);
            }
            // As long as a round trip to a database.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (last, rows) = &mut *self.rows.lock().unwrap();
        let free = [Fault::TakesEveryAddress, Fault::LooksBeforeItWrites].contains(&self.fault);
        if !free && rows.values().any(|row| row.user.email == new.email) {
            return Err(StoreError::Conflict);
        }
        *last = if self.fault == Fault::NumbersAgain { rows.len() as i64 + 1 } else { *last + 1 };
        rows.insert(*last, new.with_id(*last));
        Ok(*last)
    }

    async fn update(&self, (): &mut (), row: &Row<P>) -> Result<(), StoreError> {
        if self.takes(row.user.id, row) {
            return Err(StoreError::Conflict);
        }
        let rows = &mut self.rows.lock().unwrap().1;
        let fits = |old: &&mut Row<P>| old.version == row.version || self.fault == Fault::ForgetsVersions;
        let old = rows.get_mut(&row.user.id).filter(fits).ok_or(StoreError::Stale)?;
        let step = i64::from(self.fault != Fault::CountsNoVersion);
        *old = Row { version: old.version + step, ..row.clone() };
        Ok(())
    }

    async fn delete(&self, (): &mut (), id: &i64) -> Result<bool, StoreError> {
        self.drawer.lock().unwrap().forget(self.fault, *id);
        Ok(self.rows.lock().unwrap().1.remove(id).is_some())
    }

    async fn find_locked(&self, (): &mut (), [one, other]: [&i64; 2]) -> Result<Vec<Row<P>>, StoreError> {
        let rows = &self.rows.lock().unwrap().1;
        let twice = one == other && self.fault == Fault::FindsOneTwice;
        let other = Some(other).filter(|other| *other != one || twice);
        Ok([Some(one), other].into_iter().flatten().filter_map(|id| rows.get(id).cloned()).collect())
    }

    async fn use_once(&self, (): &mut (), token: &str, expires_at: Timestamp) -> Result<bool, StoreError> {
        let is_new = self.used.lock().unwrap().insert(token.to_owned(), expires_at).is_none();
        Ok(is_new || self.fault == Fault::UsesTwice)
    }

    async fn purge_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut used = self.used.lock().unwrap();
        let before = used.len();
        used.retain(|_, expires_at| *expires_at >= now);
        Ok((before - used.len()) as u64 + self.forget_expired(now))
    }

    async fn lock_and_count_superusers(&self, (): &mut ()) -> Result<u64, StoreError> {
        let counts =
            |row: &&Row<P>| row.user.is_superuser && (row.user.is_active || self.fault == Fault::CountsEverySuperuser);
        Ok(self.rows.lock().unwrap().1.values().filter(counts).count() as u64)
    }
}

impl<P: Profile> Directory for Notebook<P> {
    async fn list(&self, query: &ListQuery<i64>) -> Result<Vec<Listed<P, i64>>, StoreError> {
        let rows = &self.rows.lock().unwrap().1;
        let behind = rows.values().filter(|row| query.after.is_none_or(|after| row.user.id > after));
        Ok(behind.take(query.limit as usize).map(|row| Listed::User(row.user.clone())).collect())
    }

    async fn search(
        &self,
        filter: &UserFilter,
        query: &ListQuery<EmailAddress>,
    ) -> Result<Vec<Listed<P, i64>>, StoreError> {
        let rows = &self.rows.lock().unwrap().1;
        let after = query.after.as_ref().filter(|_| self.fault != Fault::SearchesFromTheStart);
        let is_behind = |row: &&Row<P>| after.is_none_or(|after| row.user.email.canonical() > after.canonical());
        let matches = |row: &&Row<P>| self.fault == Fault::FindsEverything || filter.matches(&row.user);
        let mut found: Vec<_> = rows.values().filter(matches).filter(is_behind).collect();
        found.sort_by_key(|row| row.user.email.canonical());
        Ok(found.into_iter().take(query.limit as usize).map(|row| Listed::User(row.user.clone())).collect())
    }
}

crate::store_conformance!(without_a_fault, Notebook::<NoProfile>::new(Fault::None), rules: [users, directory]);

/// Runs rules and returns those that the store breaks.
macro_rules! broken {
    ($fault:expr, [$($rule:path),+ $(,)?]) => {
        broken!($fault, NoProfile, [$($rule),+])
    };
    ($fault:expr, $profile:expr, [$($rule:path),+ $(,)?]) => {
        [$((
            stringify!($rule),
            panic::catch_unwind(|| run(async { $rule(Notebook::new($fault), $profile).await })).is_err(),
        )),+]
        .into_iter()
        .filter_map(|(rule, broken)| broken.then_some(rule))
        .collect::<Vec<_>>()
    };
}

#[test]
fn every_fault_breaks_the_rule_against_it() {
    for (fault, expected) in [
        (Fault::None, vec![]),
        (Fault::LooksBeforeItWrites, vec!["users::r1_of_sixteen_inserts_of_one_address_one_wins"]),
        (Fault::MindsSpelling, vec!["users::an_account_is_found_by_any_spelling_of_its_address"]),
        (Fault::NumbersAgain, vec!["users::x13_an_id_is_never_used_again"]),
        (Fault::CountsEverySuperuser, vec!["users::m2_active_superusers_are_counted"]),
        (Fault::UsesTwice, vec!["users::w4_a_token_is_used_once", "users::w4_of_sixteen_uses_of_one_token_one_wins"]),
        (Fault::FindsOneTwice, vec!["users::accounts_are_found_to_be_held"]),
        (
            Fault::TakesEveryAddress,
            vec![
                "users::r1_a_taken_address_is_a_conflict_on_insert",
                "users::a_taken_address_is_a_conflict_on_update",
                "users::r1_of_sixteen_inserts_of_one_address_one_wins",
            ],
        ),
        (
            Fault::ForgetsVersions,
            vec!["users::an_old_version_is_stale", "users::t1_of_sixteen_updates_of_one_version_one_wins"],
        ),
        (
            Fault::CountsNoVersion,
            vec![
                "users::an_update_keeps_every_field_and_counts_the_version",
                "users::an_old_version_is_stale",
                "users::t1_of_sixteen_updates_of_one_version_one_wins",
            ],
        ),
    ] {
        let broken = broken!(
            fault,
            [
                users::an_insert_keeps_every_field,
                users::an_update_keeps_every_field_and_counts_the_version,
                users::an_account_is_found_by_any_spelling_of_its_address,
                users::r1_a_taken_address_is_a_conflict_on_insert,
                users::a_taken_address_is_a_conflict_on_update,
                users::an_old_version_is_stale,
                users::x13_an_id_is_never_used_again,
                users::m2_active_superusers_are_counted,
                users::r1_of_sixteen_inserts_of_one_address_one_wins,
                users::t1_of_sixteen_updates_of_one_version_one_wins,
                users::accounts_are_found_to_be_held,
                users::w4_a_token_is_used_once,
                users::w4_of_sixteen_uses_of_one_token_one_wins,
            ]
        );
        // A fault may sometimes break other rules too.
        assert!(expected.iter().all(|rule| broken.contains(rule)), "{broken:?} without one of {expected:?}");
        assert_eq!(broken.is_empty(), expected.is_empty(), "{broken:?}");
    }
}

#[test]
fn a_search_that_forgets_its_cursor_or_its_filter_breaks_its_rules() {
    for (fault, count) in [(Fault::SearchesFromTheStart, 3), (Fault::FindsEverything, 2)] {
        let broken = broken!(
            fault,
            [
                directory::a_search_finds_what_begins_with_the_prefix,
                directory::a_search_finds_by_flags,
                directory::a_cursor_of_a_search_outlives_its_account,
            ]
        );
        assert_eq!(broken.len(), count, "{broken:?}");
    }
}

#[test]
fn a_store_without_transactions_breaks_every_rule_of_theirs() {
    let broken = broken!(
        Fault::None,
        [
            transactions::a_dropped_insert_leaves_nothing,
            transactions::a_dropped_update_leaves_nothing,
            transactions::a_dropped_delete_leaves_nothing,
            transactions::a_refused_write_leaves_nothing_of_the_others,
            transactions::writes_become_visible_together,
            transactions::m2_of_two_superusers_who_demote_each_other_one_remains,
        ]
    );
    assert_eq!(broken.len(), 6, "{broken:?}");
}

#[test]
fn m4_m5_a_store_that_keeps_profiles_as_they_are_breaks_every_rule_of_theirs() {
    let broken = broken!(
        Fault::None,
        Fragile::named("Ada"),
        [
            profiles::m4_what_could_not_be_read_back_is_not_inserted,
            profiles::m4_what_could_not_be_read_back_replaces_nothing,
            profiles::m5_an_unreadable_account_is_found_without_its_profile,
            profiles::m5_an_unreadable_account_is_changed_and_deleted,
            profiles::m5_an_unreadable_account_is_listed_beside_the_others,
        ]
    );
    assert_eq!(broken.len(), 5, "{broken:?}");
}
