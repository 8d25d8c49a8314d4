//! Hashes of other systems that do not cover the whole password: a login against one changes nothing.

use usermgr::{audit::EventKind, prelude::*, store::Lookup, user::PasswordHash};

use crate::{
    over_every_store,
    world::{GOOD, NEW, TestStore, World, system},
};

const ADA: &str = "ada@example.com";
/// bcrypt of the letter a, 72 times: what a library stored of every password that begins so.
const LONG: &str = "$2b$04$BkrJd51KvWGnv3BhCZyMduXsp/.vJHgIac9LhN/SwMHuKjzSIVToa";
/// bcrypt of [`GOOD`].
const SHORT: &str = "$2b$04$Jty6R9vI0tZoWtsHGo385eVb02VccO6Ij4JE3I6sL32lH4GHGbjFS";

async fn store_hash<S: TestStore>(world: &World<S>, hash: &str) {
    let mut record = stored(world).await;
    record.password_hash = Some(PasswordHash::new(hash));
    let mut tx = world.store.begin().await.unwrap();
    world.store.update(&mut tx, &record).await.unwrap();
    world.store.commit(tx).await.unwrap();
}

async fn stored<S: TestStore>(world: &World<S>) -> usermgr::user::Record {
    world.store.find(Lookup::Email(&EmailAddress::parse(ADA).unwrap())).await.unwrap().unwrap()
}

async fn p17_a_login_that_bcrypt_proves_in_part_changes_no_hash<S: TestStore>(store: S) {
    let world = World::new(store);
    let ada = world.add(ADA, |_| {}).await;
    store_hash(&world, LONG).await;
    let beginning = "a".repeat(72);
    let own = format!("{beginning}SUFFIX80");
    // A typing error behind what bcrypt sees, nothing behind it, and what the owner types.
    for typed in [&format!("{beginning}WRONGSUF"), &beginning, &own] {
        assert!(world.login("session", ADA, typed).await.is_some(), "{typed}");
        world.accounts.authenticate(Credentials::new(ADA, typed.as_str()), &system()).await.unwrap();
        assert_eq!(stored(&world).await.password_hash.unwrap().expose(), LONG, "{typed}");
        assert!(world.login("session", ADA, &beginning[1..]).await.is_none());
    }
    assert_eq!(world.probe.count(EventKind::RehashSkipped), 6);
    assert_eq!(world.probe.count(EventKind::PasswordRehashed), 0);
    // A new password is hashed as every other.
    world.accounts.change_password(&ada, own.as_str().into(), NEW.into(), &system()).await.unwrap();
    assert!(stored(&world).await.password_hash.unwrap().expose().starts_with("$argon2id$"));
}

async fn p17_a_login_that_bcrypt_proves_whole_is_rehashed<S: TestStore>(store: S) {
    let world = World::new(store);
    world.add(ADA, |_| {}).await;
    store_hash(&world, SHORT).await;
    assert!(world.login("session", ADA, GOOD).await.is_some());
    assert!(stored(&world).await.password_hash.unwrap().expose().starts_with("$argon2id$"));
    assert_eq!(world.probe.count(EventKind::RehashSkipped), 0);
}

over_every_store!(
    p17_a_login_that_bcrypt_proves_in_part_changes_no_hash
    p17_a_login_that_bcrypt_proves_whole_is_rehashed
);
