//! `Requires` on routes of the application, over both frameworks: who passes, what is named as missing, and what a failing store is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use usermgr::{
    Limits,
    engine::{Demand, EngineBuilder},
    factors::Totp,
    openapi,
    password::{Argon2Params, Argon2id},
    permissions::Held,
    prelude::*,
    store::Lookup,
    testing::{FaultAt, Faults, Faulty},
};
use usermgr_tests::{Client, PASSWORD};
use utoipa::openapi::{Response, path::OperationBuilder};

use crate::{on_actix, on_axum};

#[derive(Clone, Copy, Permission)]
pub(crate) enum Can {
    #[permission("orders:read")]
    OrdersRead,
    #[permission("orders:write")]
    OrdersWrite,
    Refund,
}

#[derive(Clone, Copy, Debug, Roles)]
#[roles(Can)]
pub(crate) enum Role {
    #[role(OrdersRead)]
    Clerk,
    #[role(OrdersRead, OrdersWrite)]
    Lead,
    #[role(all)]
    Owner,
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub(crate) struct Staff {
    #[profile(admin)]
    #[serde(default)]
    roles: RoleSet<Role>,
}

type Store = Faulty<MemoryStore<Staff>>;

/// A manager whose superusers may do everything, or what their roles grant.
pub(crate) struct Accounts<const ALL: bool> {
    pub(crate) engine: Engine<Store>,
}

#[user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl<const ALL: bool> Accounts<ALL> {}

impl<const ALL: bool> Permits for Accounts<ALL> {
    type Permission = Can;

    const SUPERUSERS_MAY_ALL: bool = ALL;

    fn permits(&self, user: &User<Staff>) -> Permissions<Can> {
        user.profile.roles.grants(self.engine.now())
    }
}

const READ: &str = "orders:read";
const WRITE: &str = "orders:write";
const REFUND: &str = "refund";

/// The routes with what they need, in the order of the enum. The modules of the frameworks have their handlers.
const PATHS: [(&str, &[&str]); 4] = [
    ("/read", &[READ]),
    ("/refund", &[REFUND]),
    ("/write-and-refund", &[WRITE, REFUND]),
    ("/everything", &[READ, WRITE, REFUND]),
];

/// What users hold, with what it grants.
fn roles() -> [(RoleSet<Role>, &'static [&'static str]); 6] {
    let held = |held: Held<Role>| [held].into_iter().collect();
    [
        (RoleSet::new(), &[]),
        ([Role::Clerk].into(), &[READ]),
        ([Role::Clerk, Role::Lead].into(), &[READ, WRITE]),
        ([Role::Owner].into(), &[READ, WRITE, REFUND]),
        (held(Held::new(Role::Owner).in_scope("team-x")), &[]),
        (held(Held::new(Role::Owner).until("2020-01-01T00:00:00Z".parse().unwrap())), &[]),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    User,
    Superuser,
    Unverified,
    Inactive,
}

#[derive(Clone, Copy, Debug)]
enum Over {
    Axum,
    Actix,
}

struct Shop<const ALL: bool> {
    accounts: Arc<Accounts<ALL>>,
    store: MemoryStore<Staff>,
    faults: Faults,
    address: String,
}

impl<const ALL: bool> Shop<ALL> {
    async fn open(over: Over, require_verified: bool) -> Self {
        Self::with(over, |engine| engine.require_verified(require_verified)).await
    }

    async fn with(over: Over, further: impl FnOnce(EngineBuilder<Store>) -> EngineBuilder<Store>) -> Self {
        let (store, faults) = (MemoryStore::<Staff>::default(), Faults::default());
        let engine = Engine::builder(Faulty::new(store.clone(), faults.clone()))
            .backend(Backend::bearer("jwt", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .limits(Limits::dangerous_none());
        let engine = further(engine).build().unwrap();
        let accounts = Arc::new(Accounts { engine });
        let address = match over {
            Over::Axum => on_axum::permits(accounts.clone()).await,
            Over::Actix => on_actix::permits(accounts.clone()).await,
        };
        Self { accounts, store, faults, address }
    }

    /// A client that is logged in as a new user, who is then what the kind says.
    async fn client(&self, email: &str, kind: Kind, roles: RoleSet<Role>) -> Client {
        let email = EmailAddress::parse(email).unwrap();
        let new = NewUser::new(email.clone(), Staff { roles }).password(PASSWORD).verified(true);
        self.accounts.create(new.superuser(kind == Kind::Superuser), &Context::default()).await.unwrap();
        let client = Client::new(&self.address).logged_in(email.as_str(), PASSWORD).await;
        // Directly in the store, so that the session stays.
        let mut record = self.store.find(Lookup::Email(&email)).await.unwrap().unwrap();
        record.user.is_verified = kind != Kind::Unverified;
        record.user.is_active = kind != Kind::Inactive;
        let mut tx = self.store.begin().await.unwrap();
        self.store.update(&mut tx, &record).await.unwrap();
        self.store.commit(tx).await.unwrap();
        client
    }
}

/// The answer to a user who holds this.
fn expected(kind: Kind, require_verified: bool, all: bool, granted: &[&str], needed: &[&str]) -> (u16, Value) {
    let missing: Vec<_> = needed.iter().copied().filter(|name| !granted.contains(name)).collect();
    match kind {
        Kind::Inactive => (401, json!({ "detail": "Unauthorized" })),
        Kind::Unverified if require_verified => (403, json!({ "detail": "Forbidden" })),
        Kind::Superuser if all => (200, json!([READ, WRITE, REFUND])),
        _ if missing.is_empty() => (200, json!(granted)),
        _ => {
            let reason = "permissions are missing";
            let detail = json!({ "code": "PERMISSION_REQUIRED", "reason": reason, "required": missing.join(" ") });
            (403, json!({ "detail": detail }))
        }
    }
}

async fn table<const ALL: bool>(over: Over, require_verified: bool) {
    let shop = Shop::<ALL>::open(over, require_verified).await;
    let nobody = Client::new(&shop.address);
    for (path, _) in PATHS {
        nobody.get(path).await.expect_detail(401, "Unauthorized");
        nobody.get(&format!("{path}/optional")).await.expect_json(200, Value::Null);
    }
    for kind in [Kind::User, Kind::Superuser, Kind::Unverified, Kind::Inactive] {
        for (number, (roles, granted)) in roles().into_iter().enumerate() {
            let what = format!("{over:?} {kind:?} {roles:?}");
            let email = format!("{kind:?}-{number}@example.com").to_lowercase();
            let client = shop.client(&email, kind, roles).await;
            for (path, needed) in PATHS {
                let (status, json) = expected(kind, require_verified, ALL, granted, needed);
                let reply = client.get(path).await;
                assert_eq!((reply.status, reply.json()), (status, json.clone()), "{what} {path}");
                let optional = client.get(&format!("{path}/optional")).await;
                let seen = if status == 200 { json } else { Value::Null };
                assert_eq!((optional.status, optional.json()), (200, seen), "{what} optional {path}");
            }
        }
    }
}

#[tokio::test]
async fn az1_who_passes_and_what_is_missing_is_the_same_over_both_frameworks() {
    for over in [Over::Axum, Over::Actix] {
        for require_verified in [false, true] {
            table::<true>(over, require_verified).await;
            table::<false>(over, require_verified).await;
        }
    }
}

#[tokio::test]
async fn az1_x8_a_failing_store_is_503_and_never_a_missing_permission() {
    for over in [Over::Axum, Over::Actix] {
        let shop = Shop::<true>::open(over, false).await;
        let owner = shop.client("owner@example.com", Kind::User, [Role::Owner].into()).await;
        let clerk = shop.client("clerk@example.com", Kind::User, [Role::Clerk].into()).await;
        shop.faults.fail_from(1, FaultAt::Before);
        for (client, path) in [&owner, &clerk].into_iter().flat_map(|client| PATHS.map(|(path, _)| (client, path))) {
            for path in [path, &format!("{path}/optional")] {
                client.get(path).await.expect_detail(503, "Service Unavailable");
            }
        }
        shop.faults.heal();
        owner.get("/everything").await.expect(200);
    }
}

/// What a superuser changes counts at the next request of the session that is open.
#[tokio::test]
async fn az1_a_change_of_the_roles_counts_at_the_next_request() {
    let shop = Shop::<true>::open(Over::Axum, false).await;
    let clerk = shop.client("clerk@example.com", Kind::User, [Role::Clerk].into()).await;
    let id = clerk.get("/users/me").await.json()["id"].as_str().unwrap().to_owned();
    let root = shop.client("root@example.com", Kind::Superuser, RoleSet::new()).await;
    clerk.get("/refund").await.expect(403);
    root.patch(&format!("/users/{id}"), json!({ "roles": ["owner"] })).await.expect(200);
    clerk.get("/refund").await.expect(200);
    root.patch(&format!("/users/{id}"), json!({ "roles": [] })).await.expect(200);
    clerk.get("/read").await.expect(403);
}

#[tokio::test]
async fn az1_mf15_who_must_have_a_second_factor_has_no_permission_without_it() {
    for over in [Over::Axum, Over::Actix] {
        let shop = Shop::<true>::with(over, |engine| engine.with(Totp::new("Shop")).with(Demand::everybody())).await;
        for kind in [Kind::User, Kind::Superuser] {
            let email = format!("{kind:?}@example.com").to_lowercase();
            let client = shop.client(&email, kind, [Role::Owner].into()).await;
            for (path, _) in PATHS {
                client.get(path).await.expect_detail(403, "SECOND_FACTOR_SETUP_REQUIRED");
                client.get(&format!("{path}/optional")).await.expect_json(200, Value::Null);
            }
        }
    }
}

/// The document says what the route answers: the example is the response.
#[tokio::test]
async fn the_document_has_what_an_operation_needs() {
    let shop = Shop::<true>::open(Over::Axum, true).await;
    let mut operation = OperationBuilder::new().response("403", Response::new("Ours.")).build();
    openapi::require::<_, can::Refund>(&*shop.accounts, &mut operation);
    let own = serde_json::to_value(&operation).unwrap();
    assert_eq!(own["responses"]["403"]["description"], "Ours.", "what the application says stays");
    let mut operation = OperationBuilder::new().build();
    openapi::require::<_, (can::OrdersWrite, can::Refund)>(&*shop.accounts, &mut operation);
    let shown = serde_json::to_value(&operation).unwrap();
    assert_eq!(shown["x-required-permissions"], json!([WRITE, REFUND]));
    assert_eq!(shown["security"], json!([{ "OAuth2PasswordBearer": [] }]));
    let responses: Vec<_> = shown["responses"].as_object().unwrap().keys().collect();
    assert_eq!(responses, ["401", "403", "503"]);
    let forbidden = &shown["responses"]["403"]["content"]["application/json"];
    assert_eq!(forbidden["schema"]["properties"]["detail"]["anyOf"][0]["enum"], json!(["Forbidden"]));
    let clerk = shop.client("guest@example.com", Kind::User, RoleSet::new()).await;
    clerk.get("/write-and-refund").await.expect_json(403, forbidden["example"].clone());
}

#[tokio::test]
async fn the_document_says_that_an_operation_accepts_api_keys() {
    let shop = Shop::<true>::with(Over::Axum, |engine| engine.with(ApiKeys::new("shop"))).await;
    let mut operation = OperationBuilder::new().build();
    openapi::require::<_, can::Refund>(&*shop.accounts, &mut operation);
    let shown = serde_json::to_value(&operation).unwrap();
    assert_eq!(shown["security"], json!([{ "OAuth2PasswordBearer": [] }, { "APIKeyBearer": [] }]));
    let responses: Vec<_> = shown["responses"].as_object().unwrap().keys().collect();
    assert_eq!(responses, ["401", "403", "429", "503"]);
}

/// All sets of permissions that hold no other than these.
fn subsets(names: &[&'static str]) -> Vec<Vec<&'static str>> {
    let with = |chosen: usize| (0..names.len()).filter(|at| chosen & (1 << at) != 0).map(|at| names[at]).collect();
    (1..1 << names.len()).map(with).collect()
}

/// Each role with each set of scopes that it allows, then each role in its place: a key does what its scopes and its owner
/// may at that moment, and never what a superuser may.
async fn keys<const ALL: bool>(over: Over) -> usize {
    let shop = Shop::<ALL>::with(over, |engine| engine.with(ApiKeys::new("shop"))).await;
    let root = shop.client("root@example.com", Kind::Superuser, RoleSet::new()).await;
    let mut judged = 0;
    for (number, (before, granted)) in roles().into_iter().enumerate() {
        let client = shop.client(&format!("owner-{number}@example.com"), Kind::User, before.clone()).await;
        let id = client.get("/users/me").await.json()["id"].as_str().unwrap().to_owned();
        let refused = [READ, WRITE, REFUND].into_iter().find(|name| !granted.contains(name));
        if let Some(name) = refused {
            let reply = client.post("/users/me/api-keys", json!({ "scopes": [name] })).await;
            reply.expect_detail(400, "API_KEY_SCOPE_NOT_ALLOWED");
        }
        let mut programs = Vec::new();
        for scopes in subsets(granted) {
            let made = client.post("/users/me/api-keys", json!({ "scopes": &scopes })).await.expect(201).json();
            programs.push((scopes, Client::new(&shop.address).with_token(made["key"].as_str().unwrap())));
        }
        for kind in [Kind::User, Kind::Superuser] {
            for (after, granted) in roles() {
                let now = json!({ "roles": after, "is_superuser": kind == Kind::Superuser });
                root.patch(&format!("/users/{id}"), now).await.expect(200);
                for (scopes, program) in &programs {
                    // What a superuser may by being one, no key of theirs may.
                    let both: Vec<_> = granted.iter().copied().filter(|name| scopes.contains(name)).collect();
                    for (path, needed) in PATHS {
                        let (status, json) = expected(Kind::User, false, ALL, &both, needed);
                        let reply = program.get(path).await;
                        let what = format!("{over:?} {kind:?} {before:?} {scopes:?} {after:?} {path}");
                        assert_eq!((reply.status, reply.json()), (status, json), "{what}");
                        judged += 1;
                    }
                }
            }
        }
    }
    judged
}

#[tokio::test]
async fn az1_k3_a_key_does_what_its_scopes_and_the_roles_of_its_owner_have_in_common() {
    for over in [Over::Axum, Over::Actix] {
        let judged = keys::<true>(over).await + keys::<false>(over).await;
        usermgr_tests::figure("keys judged", judged as u64);
        assert!(judged > 1_000, "{judged}");
    }
}
