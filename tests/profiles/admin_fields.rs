//! Fields that only superusers set: they are in the payload of `PATCH /users/{id}`, and in no other.

use std::sync::Arc;

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use usermgr::{
    Limits,
    http::Routes,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::Client,
    user::AdminUpdate,
};
use usermgr_tests::PASSWORD;

#[derive(Clone, Copy, Permission)]
enum Can {
    Read,
}

#[derive(Clone, Copy, Debug, Roles)]
#[roles(Can)]
enum Role {
    #[role(Read)]
    Clerk,
}

/// An alias, because the derive of utoipa cannot read a field with a parameter.
type RolesOfStaff = RoleSet<Role>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Profile, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Staff {
    display_name: String,
    #[profile(admin)]
    roles: RolesOfStaff,
    #[profile(admin)]
    #[serde(alias = "grade")]
    pay_level: u32,
    #[profile(admin, hidden)]
    #[serde(rename = "remark", default = "unremarked")]
    note: String,
}

fn unremarked() -> String {
    "none".to_owned()
}

struct Shop {
    engine: Engine<MemoryStore<Staff>>,
}

#[user_manager(store = MemoryStore<Staff>, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {}

fn shop() -> Arc<Shop> {
    let engine = Engine::builder(MemoryStore::default())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .limits(Limits::dangerous_none())
        .build()
        .unwrap();
    Arc::new(Shop { engine })
}

fn client(shop: &Arc<Shop>) -> Client {
    Client::new(usermgr::axum::routes::<Shop, Arc<Shop>>().with_state(shop.clone()))
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// What no client has touched: the defaults.
fn untouched(name: &str) -> Staff {
    Staff { display_name: name.to_owned(), roles: RoleSet::new(), pay_level: 0, note: String::new() }
}

async fn stored(shop: &Shop, email: &str) -> Staff {
    shop.get_by_email(&address(email)).await.unwrap().unwrap().profile
}

/// A user of this address, with a client that is logged in as them.
async fn user(shop: &Arc<Shop>, email: &str, superuser: bool) -> (User<Staff>, Client) {
    let new = NewUser::new(address(email), untouched("Ada")).password(PASSWORD).superuser(superuser).verified(true);
    let user = shop.create(new, &Context::default()).await.unwrap();
    let client = client(shop);
    client.login("bearer", email, PASSWORD).await.expect(200);
    (user, client)
}

#[tokio::test]
async fn a_superuser_sets_them_and_an_absent_one_stays() {
    let shop = shop();
    let (_, root) = user(&shop, "root@example.com", true).await;
    let (ada, own) = user(&shop, "ada@example.com", false).await;
    let path = format!("/users/{}", ada.id);
    let sent = json!({ "roles": ["clerk", "pirate"], "payLevel": 3, "remark": "kind", "displayName": "Grace" });
    let answer = root.patch(&path, sent).await.expect(200).json;
    assert_eq!((&answer["roles"], &answer["payLevel"]), (&json!(["clerk", "pirate"]), &json!(3)));
    assert_eq!(answer.get("remark"), None, "it is hidden too");
    let known = stored(&shop, "ada@example.com").await;
    assert_eq!((known.note.as_str(), known.roles.unknown().count()), ("kind", 1));

    // The alias is read, and what is absent stays.
    root.patch(&path, json!({ "grade": 4 })).await.expect(200);
    let expected = Staff { pay_level: 4, ..known };
    assert_eq!(stored(&shop, "ada@example.com").await, expected);
    assert_eq!(own.get("/users/me").await.json["payLevel"], 4, "the user sees it");
    root.patch(&path, json!({ "payLevel": "many" })).await.expect(422);
    root.patch(&path, json!({ "roles": "clerk" })).await.expect(422);
    assert_eq!(stored(&shop, "ada@example.com").await, expected);

    // In Rust by the same payload, or by a closure.
    let (admin, cx) = (Admin::system("test"), Context::default());
    let update = StaffAdminUpdate { pay_level: Some(5), ..StaffAdminUpdate::default() };
    shop.update_user(&admin, &ada.id, AdminUpdate::with_profile(update), &cx).await.unwrap();
    shop.update_profile(&admin, &ada.id, |staff| staff.note.push('!'), &cx).await.unwrap();
    assert_eq!(stored(&shop, "ada@example.com").await, Staff { pay_level: 5, note: "kind!".into(), ..expected });
}

/// Names that a client may try: right ones, near ones and any.
fn names() -> impl Strategy<Value = String> {
    const NAMES: [&str; 22] = [
        "roles",
        "payLevel",
        "remark",
        "grade",
        "pay_level",
        "note",
        "Roles",
        "PAYLEVEL",
        "roles ",
        "roles[]",
        "profile.roles",
        "profile",
        "$.roles",
        "__read_note",
        "payLevel\u{200b}",
        "r\u{3bf}les",
        "role",
        "is_superuser",
        "displayName",
        "id",
        "staff",
        "admin",
    ];
    prop_oneof![3 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(["clerk"])),
        Just(json!([{ "role": "clerk" }])),
        Just(json!(7)),
        Just(json!("7")),
        Just(json!("x")),
        Just(json!(true)),
        Just(Value::Null),
        Just(json!({ "roles": ["clerk"], "payLevel": 7, "remark": "x" })),
    ]
}

#[test]
fn az3_no_field_of_a_client_reaches_what_only_superusers_set() {
    let runtime = Runtime::new().unwrap();
    let shop = shop();
    let clients = runtime.block_on(async {
        [user(&shop, "ada@example.com", false).await.1, user(&shop, "root@example.com", true).await.1]
    });
    let stranger = client(&shop);
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 256, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec((names(), values()), 0..6), |fields| {
        number.set(number.get() + 1);
        let email = format!("new-{}@example.com", number.get());
        let mut sent: Map<String, Value> = fields.into_iter().collect();
        // Nothing that makes the body wrong otherwise; it may still be refused.
        sent.insert("displayName".to_owned(), json!("Grace"));
        let update = Value::Object(sent.clone());
        sent.insert("email".to_owned(), json!(email));
        sent.insert("password".to_owned(), json!(PASSWORD));
        let seen = runtime.block_on(async {
            let registered = stranger.post("/auth/register", Value::Object(sent)).await.status.as_u16();
            let profile = match registered {
                201 => stored(&shop, &email).await,
                _ => untouched("Grace"),
            };
            let mut found = vec![("a registration", registered, profile)];
            for (who, client) in ["ada@example.com", "root@example.com"].into_iter().zip(&clients) {
                let status = client.patch("/users/me", update.clone()).await.status.as_u16();
                let profile = stored(&shop, who).await;
                found.push((who, status, Staff { display_name: "Grace".to_owned(), ..profile }));
            }
            found
        });
        for (what, status, profile) in seen {
            if profile != untouched("Grace") || ![200, 201, 422].contains(&status) {
                return Err(TestCaseError::fail(format!("{what} answered {status} and left {profile:?}")));
            }
        }
        Ok(())
    });
    outcome.unwrap();
    // Most of them were accepted, or nothing was tested.
    let page = runtime.block_on(async { shop.engine.store().clone() });
    let users = runtime.block_on(async { usermgr::store::Directory::list(&page, &Default::default()).await.unwrap() });
    assert!(users.len() > 10, "{}", users.len());
}

#[tokio::test]
async fn the_document_has_them_where_they_are_read_and_shown() {
    let shop = shop();
    let document = serde_json::to_value(usermgr::openapi::document(&*shop, &Routes::<Shop>::all())).unwrap();
    let fields = |schema: &str| {
        let properties = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        ["roles", "payLevel", "remark"].map(|name| properties.contains_key(name))
    };
    assert_eq!(fields("UserRead"), [true, true, false]);
    assert_eq!(fields("UserCreate"), [false; 3]);
    assert_eq!(fields("UserUpdateMe"), [false; 3]);
    assert_eq!(fields("UserUpdate"), [true; 3]);
}
