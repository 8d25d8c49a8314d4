//! The same for the rules of credentials: each flaw of a store breaks a rule, and each rule is broken by a flaw.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic,
    time::Duration,
};

use jiff::Timestamp;

use super::{Fault, Notebook};
use crate::{
    NoProfile, Profile, StoreError,
    store::{
        Credential, CredentialAndRecord, CredentialDigest, CredentialFilter, CredentialId, CredentialKind,
        CredentialStore, NewCredential, Pending, PendingPurpose,
    },
    testing::conformance::{credentials, pending, run},
};

/// What a store of credentials does wrongly.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Flaw {
    LosesLabels,
    FindsWhatHasExpired,
    TakesEveryLookup,
    /// Has one index for the lookups of all kinds.
    MixesKinds,
    FindsInEveryKind,
    ListsEveryKind,
    /// Looks whether the lookup is free, then writes.
    LooksBeforeItWrites,
    ReplacesById,
    TakesUnknownUsers,
    ForgetsVersions,
    /// Looks at the version, then writes.
    LooksBeforeItSwaps,
    SwapsTheLookup,
    DeletesOfOthers,
    /// Begins a page with the last row of the previous page.
    RepeatsTheCursor,
    KeepsWhatWasOfAUser,
    PurgesTooEarly,
    HidesTheInactive,
    CountsNoAttempt,
    /// Looks at the number of attempts, then writes.
    LooksBeforeItCounts,
    /// Looks whether the step is there, then deletes.
    LooksBeforeItTakes,
    MindsNoPurpose,
    ReplacesSteps,
    CountsLooks,
    EndsStepsWithoutUser,
    WritesNothing,
}

use Flaw::*;

/// The credentials and the pending steps of a notebook.
#[derive(Default)]
pub(super) struct Drawer {
    credentials: BTreeMap<CredentialId, Credential<i64>>,
    pending: BTreeMap<CredentialDigest, Pending<i64>>,
}

impl Drawer {
    pub(super) fn forget(&mut self, fault: Fault, user_id: i64) {
        if fault != Fault::OfCredentials(KeepsWhatWasOfAUser) {
            self.credentials.retain(|_, row| row.user_id != user_id);
            self.pending.retain(|_, row| row.user_id != Some(user_id));
        }
    }
}

/// As long as a round trip to a database.
async fn round_trip() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

impl<P: Profile> Notebook<P> {
    fn has(&self, flaw: Flaw) -> bool {
        self.fault == Fault::OfCredentials(flaw)
    }

    fn drawer<T>(&self, work: impl FnOnce(&mut Drawer) -> T) -> T {
        work(&mut self.drawer.lock().unwrap())
    }

    fn is_live(&self, expires_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.has(FindsWhatHasExpired) || expires_at.is_none_or(|expires_at| expires_at > now)
    }

    fn is_taken(&self, drawer: &Drawer, new: &NewCredential<i64>) -> bool {
        let same = |row: &Credential<i64>| {
            row.lookup.is_some() && row.lookup == new.lookup && (row.kind == new.kind || self.has(MixesKinds))
        };
        !self.has(TakesEveryLookup) && drawer.credentials.values().any(same)
    }

    fn knows(&self, user_id: &i64) -> bool {
        self.has(TakesUnknownUsers) || self.rows.lock().unwrap().1.contains_key(user_id)
    }

    fn step(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
        change: impl FnOnce(&mut Pending<i64>),
    ) -> Option<Pending<i64>> {
        let fits = |row: &&mut Pending<i64>| {
            (row.purpose == *purpose || self.has(MindsNoPurpose)) && self.is_live(Some(row.expires_at), now)
        };
        self.drawer(|drawer| {
            let row = drawer.pending.get_mut(digest).filter(fits)?;
            change(row);
            Some(row.clone())
        })
    }
}

impl<P: Profile> CredentialStore for Notebook<P> {
    async fn credentials(&self, user_id: &i64, now: Timestamp) -> Result<Vec<Credential<i64>>, StoreError> {
        let theirs = |row: &&Credential<i64>| row.user_id == *user_id && self.is_live(row.expires_at, now);
        let mut rows: Vec<_> = self.drawer(|drawer| drawer.credentials.values().filter(theirs).cloned().collect());
        rows.sort_by_key(|row| (row.created_at, row.id.clone()));
        Ok(rows)
    }

    async fn find_credential(
        &self,
        kind: &CredentialKind,
        lookup: &CredentialDigest,
        now: Timestamp,
    ) -> Result<Option<CredentialAndRecord<Self>>, StoreError> {
        let fits = |row: &&Credential<i64>| {
            (row.kind == *kind || self.has(FindsInEveryKind))
                && row.lookup.as_ref() == Some(lookup)
                && self.is_live(row.expires_at, now)
        };
        let Some(row) = self.drawer(|drawer| drawer.credentials.values().find(fits).cloned()) else { return Ok(None) };
        let record = self.rows.lock().unwrap().1.get(&row.user_id).cloned();
        let record = record.filter(|record| record.user.is_active || !self.has(HidesTheInactive));
        Ok(record.map(|record| (row, record)))
    }

    async fn list_credentials(
        &self,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<i64>>, StoreError> {
        let behind = |row: &&Credential<i64>| {
            after.is_none_or(|after| row.id > *after || (row.id == *after && self.has(RepeatsTheCursor)))
        };
        Ok(self.drawer(|drawer| drawer.credentials.values().filter(behind).take(limit as usize).cloned().collect()))
    }

    async fn list_credentials_of_kind(
        &self,
        kind: &CredentialKind,
        after: Option<&CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential<i64>>, StoreError> {
        let of_kind = |row: &&Credential<i64>| row.kind == *kind || self.has(ListsEveryKind);
        let behind = |row: &&Credential<i64>| after.is_none_or(|after| row.id > *after);
        let all = |drawer: &mut Drawer| {
            let rows = drawer.credentials.values().filter(of_kind).filter(behind);
            rows.take(limit as usize).cloned().collect()
        };
        Ok(self.drawer(all))
    }

    async fn insert_credential(&self, (): &mut (), new: &NewCredential<i64>) -> Result<(), StoreError> {
        let mut row = Credential::from(new.clone());
        row.label = row.label.filter(|_| !self.has(LosesLabels));
        let looked = self.drawer(|drawer| self.is_taken(drawer, new));
        if self.has(LooksBeforeItWrites) {
            round_trip().await;
        }
        if !self.knows(&row.user_id) {
            return Err(StoreError::Stale);
        }
        self.drawer(|drawer| {
            let is_taken = if self.has(LooksBeforeItWrites) { looked } else { self.is_taken(drawer, new) };
            if is_taken || (drawer.credentials.contains_key(&row.id) && !self.has(ReplacesById)) {
                return Err(StoreError::Conflict);
            }
            if !self.has(WritesNothing) {
                drawer.credentials.insert(row.id.clone(), row);
            }
            Ok(())
        })
    }

    async fn swap_credential(&self, new: &Credential<i64>) -> Result<bool, StoreError> {
        let looked = self.drawer(|drawer| drawer.credentials.get(&new.id).map(|row| row.version));
        if self.has(LooksBeforeItSwaps) {
            round_trip().await;
        }
        Ok(self.drawer(|drawer| {
            let Some(row) = drawer.credentials.get_mut(&new.id) else { return false };
            let version = if self.has(LooksBeforeItSwaps) { looked } else { Some(row.version) };
            if version != Some(new.version) && !self.has(ForgetsVersions) {
                return false;
            }
            let Credential { label, data, used_at, expires_at, .. } = new.clone();
            (row.label, row.data, row.used_at, row.expires_at) = (label, data, used_at, expires_at);
            row.version += 1;
            if self.has(SwapsTheLookup) {
                row.lookup = new.lookup.clone();
            }
            true
        }))
    }

    async fn delete_credentials(&self, (): &mut (), filter: CredentialFilter<'_, i64>) -> Result<u64, StoreError> {
        let goes = |row: &Credential<i64>| match filter {
            CredentialFilter::One { user_id, id } => {
                row.id == *id && (row.user_id == *user_id || self.has(DeletesOfOthers))
            }
            CredentialFilter::Kind { user_id, kind } => row.user_id == *user_id && row.kind == *kind,
            CredentialFilter::User(user_id) => row.user_id == *user_id,
        };
        Ok(self.drawer(|drawer| {
            let before = drawer.credentials.len();
            drawer.credentials.retain(|_, row| !goes(row));
            (before - drawer.credentials.len()) as u64
        }))
    }

    async fn put_pending(&self, new: &Pending<i64>) -> Result<(), StoreError> {
        if new.user_id.as_ref().is_some_and(|id| !self.knows(id)) {
            return Err(StoreError::Stale);
        }
        self.drawer(|drawer| {
            if drawer.pending.contains_key(&new.digest) && !self.has(ReplacesSteps) {
                return Err(StoreError::Conflict);
            }
            drawer.pending.insert(new.digest.clone(), new.clone());
            Ok(())
        })
    }

    async fn find_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<i64>>, StoreError> {
        Ok(self.step(digest, purpose, now, |row| row.attempts += u32::from(self.has(CountsLooks))))
    }

    async fn try_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        most_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Pending<i64>>, StoreError> {
        let there = self.step(digest, purpose, now, |_| {});
        if there.is_none_or(|row| row.attempts >= most_attempts) {
            return Ok(None);
        }
        if self.has(LooksBeforeItCounts) {
            round_trip().await;
        }
        let mut counts = false;
        let row = self.step(digest, purpose, now, |row| {
            counts = row.attempts < most_attempts || self.has(LooksBeforeItCounts);
            row.attempts += u32::from(counts && !self.has(CountsNoAttempt));
        });
        Ok(row.filter(|_| counts))
    }

    async fn take_pending(
        &self,
        digest: &CredentialDigest,
        purpose: &PendingPurpose,
        now: Timestamp,
    ) -> Result<Option<Pending<i64>>, StoreError> {
        let row = self.step(digest, purpose, now, |_| {});
        if self.has(LooksBeforeItTakes) {
            round_trip().await;
        }
        let goes = row.is_some();
        let taken = self.drawer(|drawer| goes.then(|| drawer.pending.remove(digest)).flatten());
        Ok(if self.has(LooksBeforeItTakes) { row } else { taken })
    }

    async fn delete_pending(&self, (): &mut (), user_id: &i64) -> Result<u64, StoreError> {
        let goes = |row: &Pending<i64>| {
            row.user_id == Some(*user_id) || (row.user_id.is_none() && self.has(EndsStepsWithoutUser))
        };
        Ok(self.drawer(|drawer| {
            let before = drawer.pending.len();
            drawer.pending.retain(|_, row| !goes(row));
            (before - drawer.pending.len()) as u64
        }))
    }
}

impl<P: Profile> Notebook<P> {
    /// Deletes the rows that expired before a time, and returns their number.
    pub(super) fn forget_expired(&self, now: Timestamp) -> u64 {
        let goes = |expires_at: Timestamp| expires_at < now || (expires_at == now && self.has(PurgesTooEarly));
        self.drawer(|drawer| {
            let before = drawer.credentials.len() + drawer.pending.len();
            drawer.credentials.retain(|_, row| !row.expires_at.is_some_and(goes));
            drawer.pending.retain(|_, row| !goes(row.expires_at));
            (before - drawer.credentials.len() - drawer.pending.len()) as u64
        })
    }
}

/// The names of the rules that the store breaks.
macro_rules! broken {
    ($fault:expr, $([$group:ident: $($rule:ident)+])+) => {
        [$($((
            stringify!($rule),
            panic::catch_unwind(|| run(async { $group::$rule(Notebook::<NoProfile>::new($fault), NoProfile).await })),
        )),+),+]
        .into_iter()
        .filter_map(|(rule, outcome)| outcome.is_err().then_some(rule))
        .collect::<BTreeSet<_>>()
    };
}

fn broken(fault: Fault) -> BTreeSet<&'static str> {
    broken!(
        fault,
        [credentials:
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
        ]
        [pending:
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
        ]
    )
}

/// The rules that a store without rollback breaks, if it has no other fault.
const TRANSACTIONS: [&str; 2] = [
    "a_dropped_transaction_leaves_credentials_as_they_were",
    "a_dropped_transaction_leaves_pending_steps_as_they_were",
];

#[test]
fn every_flaw_breaks_the_rule_against_it_and_every_rule_is_broken_by_one() {
    assert_eq!(broken(Fault::None), BTreeSet::from(TRANSACTIONS));
    let mut shown = BTreeSet::from(TRANSACTIONS);
    for (flaw, expected) in [
        (LosesLabels, &["a_credential_keeps_every_field"][..]),
        (FindsWhatHasExpired, &["an_expired_credential_is_not_found", "an_expired_pending_step_takes_no_answer"]),
        (
            TakesEveryLookup,
            &[
                "a_lookup_is_taken_once_in_its_kind",
                "an_identity_is_linked_once",
                "of_sixteen_inserts_of_one_lookup_one_wins",
            ],
        ),
        (MixesKinds, &["a_lookup_is_taken_once_in_its_kind"]),
        (FindsInEveryKind, &["an_unknown_lookup_is_no_credential"]),
        (LooksBeforeItWrites, &["of_sixteen_inserts_of_one_lookup_one_wins"]),
        (ReplacesById, &["an_insert_never_replaces_a_credential"]),
        (
            TakesUnknownUsers,
            &["x13_a_credential_of_an_unknown_user_is_refused", "x13_a_pending_step_of_an_unknown_user_is_refused"],
        ),
        (ForgetsVersions, &["an_old_version_is_not_swapped", "of_sixteen_swaps_of_one_version_one_wins"]),
        (LooksBeforeItSwaps, &["of_sixteen_swaps_of_one_version_one_wins"]),
        (SwapsTheLookup, &["a_swap_replaces_what_may_change"]),
        (DeletesOfOthers, &["credentials_are_deleted_by_name_and_kind"]),
        (RepeatsTheCursor, &["the_pages_hold_every_credential_once"]),
        (ListsEveryKind, &["the_pages_of_a_kind_hold_nothing_else"]),
        (KeepsWhatWasOfAUser, &["x13_credentials_go_with_their_user", "x13_pending_steps_go_with_their_user"]),
        (PurgesTooEarly, &["purging_takes_expired_credentials", "purging_takes_expired_pending_steps"]),
        (HidesTheInactive, &["a_credential_comes_with_its_user"]),
        (
            CountsNoAttempt,
            &["no_more_attempts_are_counted_than_allowed", "of_sixteen_attempts_at_once_five_are_counted"],
        ),
        (LooksBeforeItCounts, &["of_sixteen_attempts_at_once_five_are_counted"]),
        (LooksBeforeItTakes, &["of_sixteen_who_take_one_pending_step_one_gets_it"]),
        (MindsNoPurpose, &["a_pending_step_serves_one_purpose"]),
        (ReplacesSteps, &["a_pending_step_never_replaces_another"]),
        (CountsLooks, &["a_pending_step_keeps_every_field"]),
        (EndsStepsWithoutUser, &["all_pending_steps_of_a_user_end_and_no_others"]),
        (WritesNothing, &["a_credential_stands_with_its_transaction"]),
    ] {
        let broken = broken(Fault::OfCredentials(flaw));
        assert!(expected.iter().all(|rule| broken.contains(rule)), "{broken:?} without one of {expected:?}");
        shown.extend(expected);
    }
    let rules = [include_str!("../credentials.rs"), include_str!("../pending.rs")];
    let rules = rules.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("pub async fn "));
    assert_eq!(shown, rules.filter_map(|rest| rest.split('<').next()).collect());
}
