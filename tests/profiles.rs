//! Profiles over HTTP, on every store: what could not be read back is refused before it is written, a user whose profile cannot be read
//! any more does not affect others, and hidden fields are shown nowhere.

#[path = "profiles/admin_fields.rs"]
mod admin_fields;
#[path = "profiles/server_fields.rs"]
mod server_fields;

use std::sync::{Arc, Mutex};

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use usermgr::{
    Admin, Administration, Fault, MysqlStore, PgStore, Profile, RegisterError, StoreError, UpdateError, UserOf,
    engine::Answers,
    password::{Argon2Params, Argon2id},
    prelude::*,
    store::{ChangesOf, Directory, Import, ListQuery, Lookup, SessionStore},
    testing::{Client, conformance::profiles::Fragile},
    user::StoredProfile,
};
use usermgr_tests::{DatabaseServer, PASSWORD};

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

struct Accounts<S: UserStore> {
    engine: Engine<S>,
    /// The hooks that were called, by name.
    called: Mutex<Vec<&'static str>>,
}

#[user_manager(store = S, secret = "only-for-tests-0123456789abcdef-x")]
impl<S: SessionStore + Directory> Accounts<S> {
    async fn on_before_update(&self, _: &UserOf<S>, _: &ChangesOf<S>) -> Result<(), Rejection> {
        self.called.lock().unwrap().push("on_before_update");
        Ok(())
    }

    async fn on_before_delete(&self, _: &UserOf<S>) -> Result<(), Rejection> {
        self.called.lock().unwrap().push("on_before_delete");
        Ok(())
    }
}

/// A manager over a store, with a superuser, and a client who is logged in as that.
async fn over<S: SessionStore + Directory>(
    store: S,
    answers: Answers,
    root: S::Profile,
) -> (Arc<Accounts<S>>, Client, Client) {
    let engine = Engine::builder(store)
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .require_verified(answers == Answers::Discreet)
        .answers(answers)
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine, called: Mutex::default() });
    let root = NewUser::new(EmailAddress::parse(ROOT).unwrap(), root).password(PASSWORD).superuser(true).verified(true);
    accounts.create(root, &Context::system("test")).await.unwrap();
    let router = usermgr::axum::routes::<Accounts<S>, Arc<Accounts<S>>>()
        .merge(usermgr::axum::directory_routes())
        .with_state(accounts.clone());
    let admin = Client::new(router.clone());
    admin.login("bearer", ROOT, PASSWORD).await;
    (accounts, admin, Client::new(router))
}

fn registration(email: &str, name: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "name": name, "score": 0.5, "tags": ["one"] })
}

fn refused(place: &str) -> Value {
    json!({ "detail": [{ "type": "value_error", "loc": ["body", place], "msg": "Input cannot be stored" }] })
}

/// What no store can give back, and where.
fn bad() -> [(Value, &'static str); 2] {
    [(json!({ "score": 1e39 }), "score"), (json!({ "tags": [] }), "tags")]
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The tests of one store. Names of profiles differ from those of other stores by `$name`.
macro_rules! over_every_store {
    ($($module:ident: $store:ty = $open:expr;)*) => {$(
        mod $module {
            use super::*;

            /// A fresh one, with the database that it is in.
            async fn store() -> Option<($store, Option<usermgr_tests::Database>)> {
                $open
            }

            fn name(of: &str) -> String {
                format!("{}-{of}", stringify!($module))
            }

            // A transaction that is dropped is rolled back by another thread, before the database goes.
            #[tokio::test(flavor = "multi_thread")]
            async fn m4_what_could_not_be_read_back_is_refused_at_its_place() {
                let Some((store, _database)) = store().await else { return };
                let (accounts, admin, client) = over(store, Answers::Explicit, Fragile::named("root")).await;
                for (more, place) in bad() {
                    let reply = client.post("/auth/register", with(registration(ADA, "ada"), &more)).await;
                    assert_eq!((reply.status.as_u16(), reply.json), (422, refused(place)));
                }
                assert!(accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().is_none());
                assert_eq!(client.post("/auth/register", registration(ADA, "ada")).await.status, 201);
                assert_eq!(client.login("bearer", ADA, PASSWORD).await.status, 200);
                let before = client.get("/users/me").await.json;
                let by_id = format!("/users/{}", before["id"].as_str().unwrap());
                for (more, place) in bad() {
                    let body = with(json!({ "name": "other", "score": 1.5, "tags": ["two"] }), &more);
                    for (client, path) in [(&client, "/users/me"), (&admin, by_id.as_str())] {
                        let reply = client.patch(path, body.clone()).await;
                        assert_eq!((reply.status.as_u16(), reply.json), (422, refused(place)), "{path}");
                    }
                }
                assert_eq!(client.get("/users/me").await.json, before);
                let listed = admin.get("/users").await;
                assert_eq!((listed.status.as_u16(), listed.json["users"].as_array().unwrap().len()), (200, 2));
                assert_eq!(listed.json.get("unreadable"), None);
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn m4_a_discreet_registration_is_refused_before_it_is_answered() {
                let Some((store, _database)) = store().await else { return };
                let (_, _, client) = over(store, Answers::Discreet, Fragile::named("root")).await;
                for (more, place) in bad() {
                    for email in [ROOT, ADA] {
                        let reply = client.post("/auth/register", with(registration(email, "ada"), &more)).await;
                        assert_eq!((reply.status.as_u16(), reply.json), (422, refused(place)), "{email}");
                    }
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn m4_an_operation_and_a_store_refuse_it_too() {
                let Some((store, _database)) = store().await else { return };
                let (accounts, ..) = over(store, Answers::Explicit, Fragile::named("root")).await;
                let cx = Context::default();
                let bad = Fragile { score: f32::NAN, ..Fragile::named("ada") };
                let new = NewUser::new(EmailAddress::parse(ADA).unwrap(), bad.clone());
                match accounts.create(new, &cx).await.unwrap_err() {
                    RegisterError::InvalidProfile(error) => assert_eq!(error.place(), "score"),
                    other => panic!("{other:?}"),
                }
                let store = accounts.engine.store();
                let root = store.find(Lookup::Email(&EmailAddress::parse(ROOT).unwrap())).await.unwrap().unwrap();
                let mut broken = root.clone();
                broken.user.profile = bad.clone();
                let mut tx = store.begin().await.unwrap();
                let update = store.update(&mut tx, &broken).await.unwrap_err();
                broken.version = 0;
                let import = store.insert_record(&mut tx, &broken).await.unwrap_err();
                for error in [update, import] {
                    assert!(matches!(error, StoreError::InvalidProfile(_)), "{error:?}");
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn m5_one_unreadable_profile_affects_no_other_account() {
                let Some((store, _database)) = store().await else { return };
                let (accounts, admin, client) = over(store, Answers::Explicit, Fragile::named("root")).await;
                let (ada, bob) = (name("ada"), name("bob"));
                let mut ids = Vec::new();
                for (email, name) in [(ADA, &ada), (BOB, &bob)] {
                    let reply = client.post("/auth/register", registration(email, name)).await;
                    ids.push(reply.json["id"].as_str().unwrap().to_owned());
                }
                client.login("bearer", ADA, PASSWORD).await;
                Fragile::forget(&ada);
                Fragile::forget(&bob);

                // The response asks its user to wait, and the log says what to do.
                assert_eq!(client.get("/users/me").await.status, 503);
                assert_eq!(client.clone().login("bearer", ADA, PASSWORD).await.status, 503);
                let fault = accounts.get(&ids[0].parse().unwrap()).await.unwrap_err().to_string();
                assert!(fault.contains(&ids[0]) && fault.contains("give the field `#[serde(default)]`"), "{fault}");

                // The list has all others, and marks the incomplete one.
                let page = admin.get("/users").await.json;
                let emails = |part: &str| -> Vec<String> {
                    let users = page[part].as_array().unwrap();
                    users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
                };
                assert_eq!((emails("users"), emails("unreadable").len()), (vec![ROOT.to_owned()], 2));
                assert!(emails("unreadable").contains(&ADA.to_owned()));
                let mut fields: Vec<&String> = page["unreadable"][0].as_object().unwrap().keys().collect();
                fields.sort();
                assert_eq!(fields, ["created_at", "email", "id", "is_active", "is_superuser", "is_verified"]);
                // A page of one is never the last because of it.
                let (mut query, mut seen) = (ListQuery::default().limit(1), 0);
                loop {
                    let page = accounts.list_users(&Admin::system("test"), query.clone()).await.unwrap();
                    seen += page.users.len() + page.unreadable.len();
                    let Some(next) = page.next_cursor else { break };
                    query = query.after(next.parse().unwrap());
                }
                assert_eq!(seen, 3);

                // An administrator locks one and deletes the other, by id.
                let path = format!("/users/{}", ids[0]);
                let reply = admin.patch(&path, json!({ "is_active": false })).await;
                assert_eq!((reply.status.as_u16(), &reply.json["is_active"], &reply.json["email"]), (200, &json!(false), &json!(ADA)));
                assert_eq!(client.get("/users/me").await.status, 503, "the row itself cannot be read still");
                for (body, status) in [
                    (json!({}), 503),
                    (json!({ "is_active": true, "is_superuser": true }), 503),
                    (json!({ "name": "x" }), 503),
                    (json!({ "is_active": "perhaps" }), 422),
                ] {
                    assert_eq!(admin.patch(&path, body.clone()).await.status, status, "{body}");
                }
                let user = accounts.set_active(&Admin::system("test"), &ids[0].parse().unwrap(), true, &Context::default()).await;
                assert!(user.unwrap().is_active);
                let path = format!("/users/{}", ids[1]);
                assert_eq!(admin.delete(&path).await.status, 204);
                assert_eq!(admin.delete(&path).await.status, 404);
                assert_eq!(admin.patch(&path, json!({ "is_active": false })).await.status, 404);
                assert!(accounts.called.lock().unwrap().is_empty(), "no hook is asked about a user who cannot be read");
                assert_eq!(admin.get("/users").await.json["unreadable"].as_array().unwrap().len(), 1);
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn m5_the_last_superuser_stays_though_unreadable() {
                let Some((store, _database)) = store().await else { return };
                let root = name("root");
                let (accounts, admin, _) = over(store, Answers::Explicit, Fragile::named(root.clone())).await;
                let id = admin.get("/users/me").await.json["id"].as_str().unwrap().parse().unwrap();
                Fragile::forget(&root);
                let (system, cx) = (Admin::system("test"), Context::default());
                let locked = accounts.set_active(&system, &id, false, &cx).await;
                assert!(matches!(locked, Err(UpdateError::LastSuperuser)), "{locked:?}");
                let deleted = accounts.delete_user(&system, &id, &cx).await;
                assert!(matches!(deleted, Err(usermgr::DeleteError::LastSuperuser)), "{deleted:?}");
                let made = accounts.set_superuser(&system, &id, true, &cx).await;
                let unreadable = matches!(made, Err(UpdateError::Fault(Fault::Store(StoreError::UnreadableProfile { .. }))));
                assert!(unreadable, "{made:?}");
            }
        }
    )*};
}

over_every_store! {
    memory: MemoryStore<Fragile> = Some((MemoryStore::default(), None));
    sqlite: SqliteStore<Fragile> = Some((SqliteStore::in_memory().await.unwrap(), None));
    postgres: PgStore<Fragile> = {
        let database = DatabaseServer::Postgres.database()?;
        let store = PgStore::connect(database.url()).await.unwrap();
        Some((store, Some(database)))
    };
    mariadb: MysqlStore<Fragile> = {
        let database = DatabaseServer::MariaDb.database()?;
        let store = MysqlStore::connect(database.url()).await.unwrap();
        Some((store, Some(database)))
    };
}

/// A profile with fields of every kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Profile, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Member {
    name: String,
    #[profile(server)]
    credits: u32,
    #[profile(hidden)]
    risk_score: u32,
    #[profile(transient)]
    #[serde(default, skip_serializing)]
    invitation_code: Option<String>,
}

struct Club {
    engine: Engine<SqliteStore<Member>>,
    codes: Mutex<Vec<Option<String>>>,
}

#[user_manager(store = SqliteStore<Member>, secret = "only-for-tests-0123456789abcdef-x")]
impl Club {
    async fn on_before_register(&self, draft: &mut Draft<Member>) -> Result<(), Rejection> {
        self.codes.lock().unwrap().push(draft.profile.invitation_code.clone());
        Ok(())
    }

    async fn on_before_commit(
        &self,
        change: &UserChange<'_, Member>,
        _: &mut Tx<SqliteStore<Member>>,
    ) -> Result<(), Rejection> {
        self.codes.lock().unwrap().push(change.user().profile.invitation_code.clone());
        Ok(())
    }
}

#[tokio::test]
async fn m6_a_hidden_field_is_stored_and_shown_nowhere_and_a_transient_one_is_seen_and_not_stored() {
    let engine = Engine::builder(SqliteStore::<Member>::in_memory().await.unwrap())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .build()
        .unwrap();
    let club = Arc::new(Club { engine, codes: Mutex::default() });
    let router =
        usermgr::axum::routes::<Club, Arc<Club>>().merge(usermgr::axum::directory_routes()).with_state(club.clone());
    let client = Client::new(router);
    let sent = json!({
        "email": ADA, "password": PASSWORD, "name": "Ada", "credits": 9, "riskScore": 9, "risk_score": 9,
        "invitationCode": "i-1"
    });
    let registered = client.post("/auth/register", sent).await;
    assert_eq!(registered.status, 201, "{}", registered.json);
    let code = Some("i-1".to_owned());
    assert_eq!(*club.codes.lock().unwrap(), [code.clone(), code]);

    // The application raises it, as it does with any field of the server.
    let store = club.engine.store();
    let ada = EmailAddress::parse(ADA).unwrap();
    let mut record = store.find(Lookup::Email(&ada)).await.unwrap().unwrap();
    let profile = Member { name: "Ada".to_owned(), credits: 0, risk_score: 0, invitation_code: None };
    assert_eq!(record.user.profile, profile);
    record.user.profile.risk_score = 4711;
    record.user.is_superuser = true;
    let mut tx = store.begin().await.unwrap();
    store.update(&mut tx, &record).await.unwrap();
    store.commit(tx).await.unwrap();

    let login = client.login("bearer", ADA, PASSWORD).await;
    let update = json!({ "name": "Countess", "riskScore": 1, "invitationCode": "i-2" });
    let id = registered.json["id"].as_str().unwrap().to_owned();
    let by_id = format!("/users/{id}");
    let answers = [
        registered,
        login,
        client.get("/users/me").await,
        client.patch("/users/me", update.clone()).await,
        client.patch(&by_id, update).await,
        client.get(&by_id).await,
        client.get("/users").await,
    ];
    for answer in &answers {
        let text = answer.json.to_string();
        assert!(answer.status.is_success() && !text.contains("4711"), "{text}");
        for name in ["riskScore", "risk_score", "invitationCode", "i-1", "i-2"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
    assert_eq!(answers[6].json["users"][0]["name"], "Countess");
    let stored = store.find_stored(&id.parse().unwrap()).await.unwrap().unwrap().user.profile;
    let expected = Member { name: "Countess".to_owned(), risk_score: 4711, ..profile };
    assert_eq!(stored, StoredProfile::of(&expected).unwrap());

    // The document knows what is sent, and nothing of what is hidden.
    let document = usermgr::openapi::document(&*club, &usermgr::http::Routes::all());
    let schemas = serde_json::to_value(document).unwrap()["components"]["schemas"].clone();
    let text = |name: &str| schemas[name].to_string();
    for name in ["UserRead", "UserUpdate", "UserUpdateMe"] {
        assert!(!text(name).contains("riskScore") && !text(name).contains("invitationCode"), "{}", text(name));
    }
    assert!(text("UserRead").contains("credits") && !text("UserCreate").contains("riskScore"));
}

#[tokio::test]
async fn m7_a_name_of_serde_jsons_own_is_refused_and_a_byte_order_mark_ignored() {
    let store = MemoryStore::<Fragile>::default();
    let (_, _, client) = over(store, Answers::Explicit, Fragile::named("root")).await;
    let post =
        async |body: String| client.request(Method::POST, "/auth/register").body("application/json", body).await.status;
    assert_eq!(post(format!("\u{feff}{}", registration(ADA, "ada"))).await, 201);
    // Doubled keys within a text, which serde_json reads as JSON where any crate has turned `raw_value` on, as sqlx does.
    let hidden = json!({ "$serde_json::private::RawValue": format!("{},\"email\":\"{BOB}\"}}", registration(BOB, "b").to_string().trim_end_matches('}')) });
    assert_eq!(post(hidden.to_string()).await, 422);
    let nested = with(registration(BOB, "bob"), &json!({ "x": { "$serde_json::private::RawValue": "1" } }));
    assert_eq!(post(nested.to_string()).await, 422);
    assert_eq!(post(registration(BOB, "bob").to_string()).await, 201);
}
