//! `import-fastapi-users`: the accounts of another database are read page by page and written to the store in transactions. The result of
//! each is reported at once, only by its id, and in numbers at the end.

mod account;
mod credential;
mod report;
mod source;
mod table;
mod value;

use std::error::Error;

use account::{Account, Difference};
use jiff::Timestamp;
use report::Report;
use source::Source;
use usermgr::{
    StoreError,
    password::Argon2id,
    store::{Credential, Identity, Lookup},
    user::{EmailRules, UsernameRules},
};
use uuid::Uuid;

use crate::accounts::Store;

/// Which tables are read, if they do not have the usual names.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) users: Option<String>,
    pub(crate) links: Option<String>,
}

/// What an imported account must meet.
pub(crate) struct Judge {
    pub(crate) rules: EmailRules,
    pub(crate) hasher: Argon2id,
    /// The rules of user names, if those of another system are imported too.
    pub(crate) names: Option<UsernameRules>,
}

/// Imports everything and prints the report.
///
/// # Errors
/// A database cannot be read or written, its ids are not UUIDs, or something was left out.
pub(crate) async fn run<S: Store>(store: &S, from: &str, tables: &Tables, judge: &Judge) -> Result<(), Box<dyn Error>> {
    let mut source = Source::open(from, tables.users.as_deref(), tables.links.as_deref()).await?;
    println!("reading {}", source.describe());
    source.unread().iter().for_each(|unread| println!("{unread}"));
    let mut report = Report::default();
    // Before the accounts, so that no token of theirs is valid again, even if the import is interrupted.
    report.end_tokens(store, &source).await?;
    while let Some(page) = source.next_page().await? {
        let mut new = Vec::new();
        for row in page {
            let kinds: Vec<_> = row.credentials.iter().map(|credential| credential.kind.clone()).collect();
            match Account::new(row, judge) {
                Ok(account) => new.extend(report.look(store, account).await?),
                Err((id, reason)) => report.keep_out(&id, &reason, kinds),
            }
        }
        report.write(store, new).await?;
    }
    report.finish(&source)
}

impl Report {
    /// Ends here what has ended there, and counts what was not known here.
    async fn end_tokens<S: Store>(&mut self, store: &S, source: &Source) -> Result<(), Box<dyn Error>> {
        let (now, mut after) = (Timestamp::now(), String::new());
        loop {
            let page = source.ended_tokens(&after, now).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            let mut tx = store.begin().await?;
            for (token, until) in &page {
                self.ended_tokens += u64::from(store.use_once(&mut tx, token, *until).await?);
            }
            store.commit(tx).await?;
            after.clone_from(last);
        }
    }

    /// Returns the account if it is new, and counts it otherwise.
    async fn look<S: Store>(&mut self, store: &S, account: Account) -> Result<Option<Account>, StoreError> {
        let id = account.record.user.id;
        let Some(stored) = store.find(Lookup::Id(&id)).await? else {
            return self.with_free_names(store, account).await;
        };
        let now = Timestamp::now();
        let here = store.credentials(&id, now).await?;
        let missing = account.missing(&here, now);
        for credential in &missing {
            self.leave_out(credential, "the account is here already, without it");
        }
        match account.difference(&stored, &here, !missing.is_empty()) {
            Difference::None => self.present += 1,
            Difference::Changed(what) => {
                self.changed += 1;
                println!("left alone: {id}: {what} differs from what is here already");
            }
        }
        Ok(None)
    }

    async fn with_free_names<S: Store>(&mut self, store: &S, account: Account) -> Result<Option<Account>, StoreError> {
        let Some(reason) = taken(store, &account).await? else { return Ok(Some(account)) };
        self.keep_out_account(account, reason);
        Ok(None)
    }

    /// Writes the accounts in one transaction. If one of them is refused, it writes each half in its own, until that one is alone.
    async fn write<S: Store>(&mut self, store: &S, accounts: Vec<Account>) -> Result<(), StoreError> {
        let mut batches = vec![accounts];
        while let Some(mut batch) = batches.pop() {
            match insert_all(store, &batch).await {
                Ok(()) => batch.iter().for_each(|account| self.came(account)),
                Err(StoreError::Conflict) if batch.len() > 1 => {
                    // The first half is the next, so that of two accounts with one address the first is imported.
                    let second = batch.split_off(batch.len() / 2);
                    batches.extend([second, batch]);
                }
                Err(StoreError::Conflict) => {
                    for account in batch {
                        self.write_one(store, account).await?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes an account in its own transaction. It loses a link to another provider if another account here has it, but nothing else: without
    /// a second factor it would be open to its password alone.
    async fn write_one<S: Store>(&mut self, store: &S, mut account: Account) -> Result<(), StoreError> {
        loop {
            let mut tx = store.begin().await?;
            match store.insert_record(&mut tx, &account.record).await {
                Ok(()) => {}
                Err(StoreError::Conflict) => {
                    drop(tx);
                    let reason = taken(store, &account).await?.unwrap_or("another account here has its id");
                    self.keep_out_account(account, reason);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            match first_taken(store, &mut tx, &account.credentials).await? {
                None => {
                    store.commit(tx).await?;
                    self.came(&account);
                    return Ok(());
                }
                // A database may have ended the transaction with this refusal, so everything is written again without the link.
                Some(place) if account.credentials[place].kind == Identity::KIND => {
                    self.leave_out(
                        &account.credentials.remove(place),
                        "another account is linked to the same one there",
                    );
                }
                Some(place) => {
                    let kind = account.credentials[place].kind.clone();
                    self.keep_out_account(
                        account,
                        &format!("another account here has its credential of the kind `{kind}`"),
                    );
                    return Ok(());
                }
            }
        }
    }
}

/// What another account here has of an account that is new.
async fn taken<S: Store>(store: &S, account: &Account) -> Result<Option<&'static str>, StoreError> {
    let user = &account.record.user;
    if store.find(Lookup::Email(&user.email)).await?.is_some() {
        return Ok(Some("another account here has its address"));
    }
    let owner = match &user.username {
        Some(name) => store.find(Lookup::Username(name)).await?,
        None => None,
    };
    Ok(owner.map(|_| "another account here has its user name"))
}

/// Writes credentials until one is taken here, and returns the place of that one.
async fn first_taken<S: Store>(
    store: &S,
    tx: &mut S::Tx,
    credentials: &[Credential<Uuid>],
) -> Result<Option<usize>, StoreError> {
    for (place, credential) in credentials.iter().enumerate() {
        match store.import_credential(tx, credential).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => return Ok(Some(place)),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

async fn insert_all<S: Store>(store: &S, accounts: &[Account]) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for account in accounts {
        store.insert_record(&mut tx, &account.record).await?;
        for credential in &account.credentials {
            store.import_credential(&mut tx, credential).await?;
        }
    }
    store.commit(tx).await
}
