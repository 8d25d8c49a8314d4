//! The rules for imported accounts and their credentials: their ids and fields stay, and an id, an address or a lookup in use is
//! refused.

use std::collections::HashSet;

use super::{
    add, added,
    credentials::{badge, inserted, of, person},
    remove, sample, stored,
    users::assert_same,
};
use crate::{
    StoreError,
    store::{Credential, CredentialFilter, CredentialId, Import, RecordOf},
    user::{NewRecord, Record, User},
};

/// A record with an id that the store has made, which was deleted from the store.
async fn moved<S: Import>(store: &S, email: &str, profile: S::Profile) -> RecordOf<S> {
    let new = NewRecord { is_superuser: true, is_verified: true, ..sample::account(email, profile) };
    let record = added(store, &new).await;
    assert!(remove(store, &record.user.id).await);
    record
}

async fn import<S: Import>(store: &S, record: &RecordOf<S>) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store.insert_record(&mut tx, record).await?;
    store.commit(tx).await
}

/// An imported account has the id and the fields it came with, and version 0.
pub async fn an_import_keeps_the_id_and_every_field<S: Import>(store: S, profile: S::Profile) {
    let record = Record { version: 7, ..moved(&store, "Ada@example.com", profile).await };
    import(&store, &record).await.expect("the account is accepted");
    let found = stored(&store, &record.user.id).await.expect("it is found by the id it came with");
    assert_same::<S>(&found, &Record { version: 0, ..record });
}

/// An import never replaces an account, whether its id or its address is taken.
pub async fn an_import_never_replaces_an_account<S: Import>(store: S, profile: S::Profile) {
    let elsewhere = moved(&store, "bob@example.com", profile.clone()).await;
    let ada = added(&store, &sample::account("ada@example.com", profile)).await;
    let same_id = User { email: sample::address("eve@example.com"), ..ada.user.clone() };
    let same_address = User { email: sample::address("ADA@example.com"), ..elsewhere.user.clone() };
    for user in [same_id, same_address] {
        let outcome = import(&store, &Record { user, ..elsewhere.clone() }).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    assert_same::<S>(&stored(&store, &ada.user.id).await.expect("it is still there"), &ada);
}

/// An account that was imported in a dropped transaction does not exist.
pub async fn a_dropped_import_leaves_nothing<S: Import>(store: S, profile: S::Profile) {
    let record = moved(&store, "ada@example.com", profile).await;
    let mut tx = store.begin().await.expect("a transaction opens");
    store.insert_record(&mut tx, &record).await.expect("the account is accepted");
    drop(tx);
    assert!(stored(&store, &record.user.id).await.is_none());
    import(&store, &record).await.expect("nothing is in the way");
}

/// The id of an imported account is not used for another one, even if the store numbers its rows.
pub async fn x13_the_id_of_an_import_is_never_given_again<S: Import>(store: S, profile: S::Profile) {
    let mut elsewhere = Vec::new();
    for number in 0..3 {
        elsewhere.push(moved(&store, &format!("user{number}@example.com"), profile.clone()).await);
    }
    for record in elsewhere.iter().rev() {
        import(&store, record).await.expect("the account is accepted");
    }
    let taken: HashSet<_> = elsewhere.into_iter().map(|record| record.user.id).collect();
    for number in 3..6 {
        let new = sample::account(&format!("user{number}@example.com"), profile.clone());
        let id = add(&store, &new).await.expect("a new account is accepted");
        assert!(!taken.contains(&id), "{id} is given twice");
    }
}

/// A credential that was used elsewhere.
fn used<I: Clone>(user_id: &I, name: &str) -> Credential<I> {
    let new = badge(user_id, name).label("the \"blue\" one \u{1f980}").expires_at(sample::later(60));
    Credential { version: 7, used_at: Some(sample::later(1)), ..Credential::from(new) }
}

async fn import_credential<S: Import>(store: &S, credential: &Credential<S::Id>) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store.import_credential(&mut tx, credential).await?;
    store.commit(tx).await
}

/// A credential comes with its account, in the same transaction, and keeps its id, its version and its times. It is
/// swapped and deleted as any other.
pub async fn an_imported_credential_keeps_every_field<S: Import>(store: S, profile: S::Profile) {
    let ada = moved(&store, "ada@example.com", profile).await;
    let user = &ada.user.id;
    let full = used(user, "a");
    let mut bare = Credential { lookup: None, label: None, used_at: None, expires_at: None, ..used(user, "b") };
    bare.created_at = sample::later(1);
    let mut tx = store.begin().await.expect("a transaction opens");
    store.insert_record(&mut tx, &ada).await.expect("the account is accepted");
    for credential in [&full, &bare] {
        store.import_credential(&mut tx, credential).await.expect("the credential is accepted");
    }
    store.commit(tx).await.expect("the transaction commits");
    assert_eq!(of(&store, user).await, [full.clone(), bare.clone()]);
    assert!(store.swap_credential(&full).await.expect("a swap does not fail"));
    assert!(!store.swap_credential(&full).await.expect("a swap does not fail"));
    assert_eq!(of(&store, user).await, [Credential { version: 8, ..full }, bare]);
    let mut tx = store.begin().await.expect("a transaction opens");
    let deleted = store.delete_credentials(&mut tx, CredentialFilter::User(user)).await;
    assert_eq!(deleted.expect("deleting does not fail"), 2);
}

/// An imported credential never replaces another one, whether its id or its lookup is taken.
pub async fn an_imported_credential_never_replaces_another<S: Import>(store: S, profile: S::Profile) {
    let [ada, bob] = [person(&store, "ada", &profile).await, person(&store, "bob", &profile).await];
    let here = inserted(&store, badge(&ada, "a")).await;
    let same_id = Credential { id: here.id.clone(), ..used(&bob, "b") };
    let same_lookup = Credential { id: CredentialId::new("another"), ..used(&bob, "a") };
    for credential in [same_id, same_lookup] {
        let outcome = import_credential(&store, &credential).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    assert_eq!((of(&store, &ada).await, of(&store, &bob).await), (vec![here], Vec::new()));
}

/// A credential of a user who is not there is refused.
pub async fn x13_an_imported_credential_has_a_user<S: Import>(store: S, profile: S::Profile) {
    let gone = moved(&store, "ada@example.com", profile).await;
    let outcome = import_credential(&store, &used(&gone.user.id, "a")).await;
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}
