//! `import-fastapi-users`: the accounts of another database are read page by page and written to the store in transactions. The result of
//! each is reported at once, only by its id, and in numbers at the end.

mod account;
mod source;
mod table;
mod value;

use std::error::Error;

use account::{Account, Difference};
use jiff::Timestamp;
use source::Source;
use usermgr::{
    StoreError,
    password::Argon2id,
    store::{Identity, Lookup},
    user::{EmailRules, UsernameRules},
};
use uuid::Uuid;

use crate::{accounts::Store, commands::exit::Failure};

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

/// How many of each.
#[derive(Default)]
struct Report {
    imported: u64,
    present: u64,
    changed: u64,
    without_password: u64,
    without_creation: u64,
    skipped: u64,
    links: u64,
    links_skipped: u64,
}

/// Imports everything and prints the report.
///
/// # Errors
/// A database cannot be read or written, its ids are not UUIDs, or something was left out.
pub(crate) async fn run<S: Store>(store: &S, from: &str, tables: &Tables, judge: &Judge) -> Result<(), Box<dyn Error>> {
    let mut source = Source::open(from, tables.users.as_deref(), tables.links.as_deref()).await?;
    println!("reading {}", source.describe());
    source.unread().into_iter().for_each(|unread| println!("{unread}"));
    let mut report = Report::default();
    while let Some(page) = source.next_page().await? {
        let mut new = Vec::new();
        for row in page {
            match Account::new(row, judge) {
                Ok(account) => new.extend(report.look(store, account).await?),
                Err((id, reason)) => report.skip(&id, &reason),
            }
        }
        report.write(store, new).await?;
    }
    report.finish(&source)
}

impl Report {
    /// Returns the account if it is new, and counts it otherwise.
    async fn look<S: Store>(&mut self, store: &S, account: Account) -> Result<Option<Account>, StoreError> {
        let id = account.record.user.id;
        let Some(stored) = store.find(Lookup::Id(&id)).await? else {
            return self.with_free_names(store, account).await;
        };
        match account.difference(&stored, &identities(store, &id).await?) {
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
        self.skip(&account.record.user.id.to_string(), reason);
        Ok(None)
    }

    /// Writes the accounts in one transaction. If one of them is refused, it writes each half in its own, until that one is alone.
    async fn write<S: Store>(&mut self, store: &S, accounts: Vec<Account>) -> Result<(), StoreError> {
        let mut batches = vec![accounts];
        while let Some(mut batch) = batches.pop() {
            match (insert_all(store, &batch).await, batch.as_slice()) {
                (Ok(()), _) => batch.iter().for_each(|account| self.came(account, account.identities.len())),
                (Err(StoreError::Conflict), [account]) => self.write_one(store, account).await?,
                (Err(StoreError::Conflict), _) => {
                    // The first half is the next, so that of two accounts with one address the first is imported.
                    let second = batch.split_off(batch.len() / 2);
                    batches.extend([second, batch]);
                }
                (Err(error), _) => return Err(error),
            }
        }
        Ok(())
    }

    async fn write_one<S: Store>(&mut self, store: &S, account: &Account) -> Result<(), StoreError> {
        let id = account.record.user.id;
        let mut tx = store.begin().await?;
        match store.insert_record(&mut tx, &account.record).await {
            Ok(()) => store.commit(tx).await?,
            Err(StoreError::Conflict) => {
                self.skip(&id.to_string(), taken(store, account).await?.unwrap_or("another account here has its id"));
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let mut linked = 0;
        for identity in &account.identities {
            let mut tx = store.begin().await?;
            match store.insert_credential(&mut tx, &identity.to_credential(id, Timestamp::now())).await {
                Ok(()) => {
                    store.commit(tx).await?;
                    linked += 1;
                }
                Err(StoreError::Conflict) => {
                    self.links_skipped += 1;
                    println!(
                        "link left out: {id}: {}: another account is linked to the same one there",
                        identity.provider
                    );
                }
                Err(error) => return Err(error),
            }
        }
        self.came(account, linked);
        Ok(())
    }

    fn came(&mut self, account: &Account, links: usize) {
        self.imported += 1;
        self.links += links as u64;
        if let Some(reason) = account.lost_password {
            self.without_password += 1;
            println!("imported without its password: {}: {reason}", account.record.user.id);
        }
        if account.lost_creation {
            self.without_creation += 1;
            println!("imported as made now: {}: its time of creation cannot be read", account.record.user.id);
        }
    }

    fn skip(&mut self, id: &str, reason: &str) {
        self.skipped += 1;
        println!("kept out: {id}: {reason}");
    }

    fn finish(self, source: &Source) -> Result<(), Box<dyn Error>> {
        let Self { imported, present, changed, without_password, without_creation, skipped, links, links_skipped } =
            self;
        println!("imported: {imported}, of them without a password: {without_password}");
        println!("here already: {present}");
        println!("left alone: {changed}");
        println!("kept out: {skipped}");
        println!("links to other providers imported: {links}, left out: {links_skipped}");
        if source.has_tokens() {
            println!(
                "the access and refresh tokens of other providers were not imported: no secret is kept in a column"
            );
        }
        let lost = skipped + without_password + without_creation + links_skipped;
        match lost {
            0 if source.unread().is_none() => Ok(()),
            _ => Err(Failure::in_part("not everything was imported as it was; see above").into()),
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

/// The identities that an account here is linked to.
async fn identities<S: Store>(store: &S, id: &Uuid) -> Result<Vec<Identity>, StoreError> {
    let credentials = store.credentials(id, Timestamp::now()).await?;
    credentials.iter().filter(|credential| credential.kind == Identity::KIND).map(Identity::read).collect()
}

async fn insert_all<S: Store>(store: &S, accounts: &[Account]) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for account in accounts {
        store.insert_record(&mut tx, &account.record).await?;
        for identity in &account.identities {
            let credential = identity.to_credential(account.record.user.id, Timestamp::now());
            store.insert_credential(&mut tx, &credential).await?;
        }
    }
    store.commit(tx).await
}
