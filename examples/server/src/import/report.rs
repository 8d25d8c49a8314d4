//! The report of an import: what became of each account and credential goes in, and lines come out, at once only by the id, and in numbers
//! at the end.

use std::{collections::BTreeMap, error::Error};

use usermgr::store::{Credential, CredentialKind, Identity};
use uuid::Uuid;

use super::{account::Account, source::Source};
use crate::commands::exit::Failure;

/// How many of each.
#[derive(Default)]
pub(super) struct Report {
    imported: u64,
    pub(super) present: u64,
    pub(super) changed: u64,
    without_password: u64,
    without_creation: u64,
    skipped: u64,
    /// Of each kind, how many were imported and how many were left out.
    credentials: BTreeMap<CredentialKind, Tally>,
    pub(super) ended_tokens: u64,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    imported: u64,
    left_out: u64,
}

impl Report {
    pub(super) fn came(&mut self, account: &Account) {
        self.imported += 1;
        for credential in &account.credentials {
            self.tally(&credential.kind).imported += 1;
        }
        if let Some(reason) = account.lost_password {
            self.without_password += 1;
            println!("imported without its password: {}: {reason}", account.record.user.id);
        }
        if account.lost_creation {
            self.without_creation += 1;
            println!("imported as made now: {}: its time of creation cannot be read", account.record.user.id);
        }
    }

    fn tally(&mut self, kind: &CredentialKind) -> &mut Tally {
        self.credentials.entry(kind.clone()).or_default()
    }

    /// Leaves out an account with its credentials.
    pub(super) fn keep_out(&mut self, id: &str, reason: &str, kinds: Vec<CredentialKind>) {
        self.skipped += 1;
        println!("kept out: {id}: {reason}");
        kinds.iter().for_each(|kind| self.tally(kind).left_out += 1);
    }

    pub(super) fn keep_out_account(&mut self, account: Account, reason: &str) {
        let kinds = account.credentials.into_iter().map(|credential| credential.kind).collect();
        self.keep_out(&account.record.user.id.to_string(), reason, kinds);
    }

    /// Leaves out a credential of an account that is here.
    pub(super) fn leave_out(&mut self, credential: &Credential<Uuid>, reason: &str) {
        let Credential { user_id, kind, .. } = credential;
        self.tally(kind).left_out += 1;
        match Identity::read(credential) {
            Ok(identity) => println!("link left out: {user_id}: {}: {reason}", identity.provider),
            Err(_) => println!("credential left out: {user_id}: {kind}: {reason}"),
        }
    }

    /// What became of the credentials of each kind, whether this server knows it or not.
    fn of_credentials(&self) -> Vec<String> {
        let links = self.credentials.get(&Identity::KIND).copied().unwrap_or_default();
        let line = |what: &str, Tally { imported, left_out }: Tally| {
            format!("{what} imported: {imported}, left out: {left_out}")
        };
        let others = self.credentials.iter().filter(|(kind, _)| **kind != Identity::KIND);
        let others = others.map(|(kind, tally)| line(&format!("credentials of the kind `{kind}`"), *tally));
        std::iter::once(line("links to other providers", links)).chain(others).collect()
    }

    pub(super) fn finish(self, source: &Source) -> Result<(), Box<dyn Error>> {
        self.of_accounts().iter().chain(&self.of_credentials()).for_each(|line| println!("{line}"));
        if source.is_own() {
            println!("ended and used tokens imported: {}", self.ended_tokens);
        }
        if source.has_tokens() {
            println!(
                "the access and refresh tokens of other providers were not imported: no secret is kept in a column"
            );
        }
        match self.lost() {
            0 if source.unread().is_empty() => Ok(()),
            _ => Err(Failure::in_part("not everything was imported as it was; see above").into()),
        }
    }

    fn of_accounts(&self) -> [String; 4] {
        let Self { imported, present, changed, without_password, skipped, .. } = self;
        [
            format!("imported: {imported}, of them without a password: {without_password}"),
            format!("here already: {present}"),
            format!("left alone: {changed}"),
            format!("kept out: {skipped}"),
        ]
    }

    /// How much is not here as it was there.
    fn lost(&self) -> u64 {
        let credentials = self.credentials.values().map(|tally| tally.left_out).sum::<u64>();
        self.skipped + self.without_password + self.without_creation + credentials
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use usermgr::store::NewCredential;

    use super::*;

    #[test]
    fn an_unknown_kind_is_reported_and_what_is_left_out_is_lost() {
        let mut report = Report::default();
        assert_eq!(
            (report.of_credentials(), report.lost()),
            (lines(&["links to other providers imported: 0, left out: 0"]), 0)
        );
        let (badge, totp) = (CredentialKind::new("shop:badge"), CredentialKind::new("totp"));
        report.tally(&badge).imported += 2;
        report.tally(&totp).imported += 1;
        assert_eq!(report.lost(), 0);
        report.keep_out("x", "its id is no UUID", vec![totp.clone(), badge.clone(), Identity::KIND]);
        let left = NewCredential::new(Uuid::nil(), badge, "canary", Timestamp::UNIX_EPOCH);
        report.leave_out(&left.into(), "the account is here already, without it");
        let expected = [
            "links to other providers imported: 0, left out: 1",
            "credentials of the kind `shop:badge` imported: 2, left out: 2",
            "credentials of the kind `totp` imported: 1, left out: 1",
        ];
        // The account itself is lost too.
        assert_eq!((report.of_credentials(), report.lost()), (lines(&expected), 5));
    }

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }
}
