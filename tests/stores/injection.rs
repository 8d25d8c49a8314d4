//! Injection (X9): texts that are SQL elsewhere go through every field, the login and the cursor, over every SQL store there is. Each is
//! kept unchanged, or refused; it changes nothing, finds no other account, and all tables still exist at the end.

use std::time::Duration;

use serde_json::{Value, json};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::{
        CredentialDigest, CredentialFilter, CredentialId, CredentialKind, CredentialStore, Directory, ListQuery,
        Lookup, NewCredential, OutboxEntry, OutboxId, OutboxRecipient, OutboxStore, Pending, PendingPurpose, Session,
        SessionDigest, SessionFilter, SessionId, SessionLookup, UserFilter,
    },
    user::Stamp,
};
use usermgr_tests::{Client, serve_axum};

use crate::rig::{Card, account, add, mariadb, postgres, sqlite};

const PASSWORD: &str = "correct horse battery";

/// What SQL of some dialect would take for more than a text, without a character that an address cannot have.
const HOSTILE: [&str; 14] = [
    "'",
    "''",
    "\\'",
    "\"",
    "`",
    "'--",
    "'/*",
    "'#",
    "'OR'1'='1",
    "';DROP/**/TABLE/**/usermgr_users;--",
    "'||(SELECT/**/password_hash)||'",
    "$1?:x@y%s{0}",
    "%_\\%\\_",
    "\u{ff07}OR\u{2019}1\u{2019}=\u{2019}1",
];

trait Store:
    usermgr::store::SessionStore<Profile = Card, Id = String> + Directory + OutboxStore + CredentialStore + Clone
{
}
impl<S: usermgr::store::SessionStore<Profile = Card, Id = String> + Directory + OutboxStore + CredentialStore + Clone>
    Store for S
{
}

struct Accounts<S> {
    engine: Engine<S>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: Store> Accounts<S> {}

fn session(user_id: &str, text: &str) -> Session<String> {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let (id, digest, stamp) = (SessionId::new(text), SessionDigest::from_stored(text), Stamp::from_bytes([7; 16]));
    let mut session = Session::new(id, digest, user_id.to_owned(), stamp, text, now, now);
    session.user_agent = Some(text.to_owned());
    session
}

/// All accounts, as the store gives them.
async fn everybody<S: Store>(store: &S) -> Vec<User<Card, String>> {
    let listed = store.list(&ListQuery::default().limit(200)).await.unwrap();
    listed.into_iter().map(|listed| listed.into_user().unwrap()).collect()
}

/// Each text in each field of the store.
async fn in_the_store<S: Store>(store: &S) {
    let victim = add(store, "victim@example.com", Card::sample()).await;
    for text in HOSTILE {
        let before = everybody(store).await;
        // As an id, in every look-up and as a cursor.
        assert!(store.find(Lookup::Id(&text.to_owned())).await.unwrap().is_none(), "{text}");
        assert!(store.find_session(SessionLookup::Id(&SessionId::new(text))).await.unwrap().is_none(), "{text}");
        let digest = SessionDigest::from_stored(text);
        assert!(store.find_session(SessionLookup::Digest(&digest)).await.unwrap().is_none(), "{text}");
        assert!(store.list_sessions(&text.to_owned()).await.unwrap().is_empty(), "{text}");
        let mut tx = store.begin().await.unwrap();
        let named = text.to_owned();
        assert!(store.find_locked(&mut tx, [&named; 2]).await.unwrap().is_empty(), "{text}");
        assert!(store.find_session_of(&mut tx, &named, &SessionId::new(text)).await.unwrap().is_none(), "{text}");
        assert_eq!(store.revoke_sessions(&mut tx, SessionFilter::User(&named)).await.unwrap(), 0, "{text}");
        drop(tx);
        store.list(&ListQuery::default().after(text.to_owned()).limit(9)).await.unwrap();
        let after = ListQuery::default().after(EmailAddress::from_stored(text)).limit(9);
        store.search(&UserFilter::default(), &after).await.unwrap();
        for listed in store.search(&UserFilter::default().email_prefix(text), &ListQuery::default()).await.unwrap() {
            let typed = EmailAddress::for_lookup(text);
            assert!(listed.email().canonical().starts_with(typed.canonical()), "{text}");
        }
        let mut tx = store.begin().await.unwrap();
        assert!(!store.delete(&mut tx, &text.to_owned()).await.unwrap(), "{text}");
        store.commit(tx).await.unwrap();
        assert_eq!(everybody(store).await, before, "{text}");

        // In all that is kept.
        let card = Card {
            name: text.to_owned(),
            nickname: Some(text.to_owned()),
            tags: vec![text.to_owned()],
            ..Card::sample()
        };
        let email = format!("{text}@example.com");
        let email = EmailAddress::parse(&email)
            .map_or_else(|_| format!("x{}@example.com", before.len()), |email| email.to_string());
        let mut tx = store.begin().await.unwrap();
        let mut new = account(&email, card.clone());
        new.password_hash = Some(usermgr::user::PasswordHash::new(text));
        let id = store.insert(&mut tx, &new).await.unwrap();
        store.commit(tx).await.unwrap();
        let found = store.find(Lookup::Email(&EmailAddress::parse(&email).unwrap())).await.unwrap().unwrap();
        assert_eq!((&found.user.id, &found.user.profile), (&id, &card), "{text}");
        assert_eq!(found.password_hash.unwrap().expose(), text);

        store.insert_session(&session(&id, text)).await.unwrap();
        let (kept, _) = store.find_session(SessionLookup::Digest(&digest)).await.unwrap().unwrap();
        assert_eq!((kept.id.as_str(), kept.backend.as_str(), kept.user_agent.as_deref()), (text, text, Some(text)));
        let mut tx = store.begin().await.unwrap();
        store.end_token(&mut tx, &SessionId::new(text), kept.expires_at).await.unwrap();
        assert!(store.has_token_ended(&mut tx, &SessionId::new(text)).await.unwrap(), "{text}");
        store.commit(tx).await.unwrap();
        let recipient = OutboxRecipient::User(id.clone());
        let mut entry = OutboxEntry::new(OutboxId::new(text), text, recipient, json!(text).to_string(), kept.seen_at);
        let mut tx = store.begin().await.unwrap();
        store.push(&mut tx, &entry).await.unwrap();
        store.commit(tx).await.unwrap();
        let claimed = store.claim(9, kept.seen_at, kept.seen_at).await.unwrap();
        entry.attempts = 1;
        assert_eq!(claimed, [entry]);
        store.done(&OutboxId::new(text)).await.unwrap();
        credentials_of(store, &id, text).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(store.revoke_sessions(&mut tx, SessionFilter::User(&id)).await.unwrap(), 1, "{text}");
        store.commit(tx).await.unwrap();
    }
    let victim = store.find(Lookup::Id(&victim)).await.unwrap().unwrap();
    assert_eq!(victim.user.profile, Card::sample());
    assert_eq!(everybody(store).await.len(), 1 + HOSTILE.len());
}

/// A text in each field of a credential and of a pending step.
async fn credentials_of<S: Store>(store: &S, id: &String, text: &str) {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let (kind, digest) = (CredentialKind::from_stored(text), CredentialDigest::from_stored(text));
    let mut new = NewCredential::new(id.clone(), kind.clone(), text, now).lookup(digest.clone()).label(text);
    new.id = CredentialId::new(text);
    assert!(store.find_credential(&kind, &digest, now).await.unwrap().is_none(), "{text}");
    let mut tx = store.begin().await.unwrap();
    store.insert_credential(&mut tx, &new).await.unwrap();
    store.commit(tx).await.unwrap();
    let (credential, record) = store.find_credential(&kind, &digest, now).await.unwrap().unwrap();
    assert_eq!((&credential, &record.user.id), (&new.into(), id), "{text}");
    assert!(store.swap_credential(&credential).await.unwrap(), "{text}");
    let mut tx = store.begin().await.unwrap();
    let filter = CredentialFilter::One { user_id: id, id: &credential.id };
    assert_eq!(store.delete_credentials(&mut tx, filter).await.unwrap(), 1, "{text}");
    store.commit(tx).await.unwrap();

    let purpose = PendingPurpose::from_stored(text);
    let pending = Pending::new(digest.clone(), purpose.clone(), text, now + Duration::from_secs(1)).user(id.clone());
    assert_eq!(store.try_pending(&digest, &purpose, 1, now).await.unwrap(), None, "{text}");
    store.put_pending(&pending).await.unwrap();
    assert_eq!(store.take_pending(&digest, &purpose, now).await.unwrap(), Some(pending), "{text}");
}

/// Each text as a stranger and as a superuser send it.
async fn over_http<S: Store>(store: S) {
    let engine = Engine::builder(store.clone())
        .backend(Backend::bearer("session", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
        .limits(usermgr::Limits::dangerous_none())
        .build()
        .unwrap();
    let accounts = Accounts { engine };
    let mut root = NewUser::new(EmailAddress::parse("root@example.com").unwrap(), Card::sample());
    (root.password, root.is_superuser) = (Some(PASSWORD.into()), true);
    accounts.create(root, &Context::default()).await.unwrap();
    let client = Client::new(serve_axum(usermgr::axum::router(accounts).unwrap()));
    let credentials = json!({ "username": "root@example.com", "password": PASSWORD });
    let root = client.with_token(client.post("/auth/session/login", credentials).await.expect(200).token());
    let before = everybody(&store).await;
    for text in HOSTILE {
        for (username, password) in
            [(text, PASSWORD), ("root@example.com", text), (&format!("root@example.com{text}"), PASSWORD)]
        {
            let body = json!({ "username": username, "password": password });
            client.post("/auth/session/login", body).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        }
        client.with_token(text.replace(|c: char| !c.is_ascii(), "")).get("/users/me").await.expect(401);
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        root.get(&format!("/users/{encoded}")).await.expect_json(404, json!({ "detail": "Not Found" }));
        root.delete(&format!("/users/me/sessions/{encoded}")).await.expect(404);
        let page = root.get(&format!("/users?limit=200&cursor={encoded}")).await.expect(200).json();
        let known: Vec<Value> = before.iter().map(|user| json!(user.id)).collect();
        assert!(page["users"].as_array().unwrap().iter().all(|user| known.contains(&user["id"])), "{text}: {page}");
        for path in ["/auth/forgot-password", "/auth/request-verify-token"] {
            let status = client.post(path, json!({ "email": format!("{text}@example.com") })).await.status;
            assert!([202, 422].contains(&status), "{path} {text}: {status}");
        }
    }
    assert_eq!(everybody(&store).await, before);
}

async fn what_looks_like_sql_is_a_text<S: Store>(store: S) {
    in_the_store(&store).await;
    over_http(store).await;
}

macro_rules! over {
    ($($module:ident: $store:expr;)+) => {$(
        mod $module {
            use super::*;

            #[tokio::test]
            async fn x9_what_looks_like_sql_is_a_text_in_every_field() {
                let Some(store) = $store else { return };
                what_looks_like_sql_is_a_text(store).await;
            }
        }
    )+};
}

over! {
    over_sqlite: Some(sqlite::<Card, String>().await);
    over_postgres: postgres::<Card, String>().await;
    over_mariadb: mariadb::<Card, String>().await;
}
