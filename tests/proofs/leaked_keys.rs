//! A drill with leaked API keys (K1): usermgr writes a key to no log and no database, whatever happens to it, and the regular expression
//! of the guide finds keys wherever an application has let them out.

use std::{fs, process::Command, sync::Arc};

use axum::{Router, routing::get};
use serde_json::json;
use tracing::level_filters::LevelFilter;
use usermgr::{
    Limits,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::Client,
};
use usermgr_tests::{Folder, Log, python};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const GUIDE: &str = include_str!("../../usermgr/docs/api-keys.md");

#[derive(Clone, Copy, Permission)]
enum Can {
    #[permission("orders:read")]
    OrdersRead,
}

struct Accounts {
    engine: Engine<SqliteStore>,
}

#[user_manager(store = SqliteStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, _: &User) -> Permissions<Can> {
        Permissions::all()
    }
}

type Requires<N> = usermgr::axum::Requires<Accounts, N>;

async fn orders(who: Requires<can::OrdersRead>) -> String {
    format!("the orders of {}", who.email)
}

/// The life of two keys: made, used, refused, renamed, rotated and revoked. Returns the keys and everything that was refused.
async fn live(application: &Router) -> (Vec<String>, Vec<String>) {
    let ada = Client::new(application.clone());
    ada.login("bearer", ADA, PASSWORD).await.expect(200);
    let make = || ada.post("/users/me/api-keys", json!({ "scopes": ["orders:read"], "label": "nightly" }));
    let (mut keys, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let made = make().await.expect(201).json;
        let (key, id) = (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned());
        let program = Client::new(application.clone()).with_token(&key);
        program.get("/orders").await.expect(200);
        // Where it does not belong, and where only sessions are accepted.
        let nobody = Client::new(application.clone());
        for path in [format!("/orders?key={key}"), format!("/users/me?access_token={key}"), format!("/orders/{key}")] {
            refused.push(nobody.get(&path).await);
        }
        refused.push(nobody.get("/orders").header("authorization", &format!("Basic {key}")).await);
        refused.push(nobody.post("/auth/verify", json!({ "token": key })).await);
        refused.push(nobody.login("bearer", ADA, &key).await);
        refused.push(nobody.login("bearer", &key, PASSWORD).await);
        refused.push(program.get("/users/me").await);
        refused.push(program.post("/users/me/api-keys", json!({ "scopes": ["orders:read"] })).await);
        let row = format!("/users/me/api-keys/{id}");
        ada.patch(&row, json!({ "label": "weekly" })).await.expect(200);
        let next = ada.post(&format!("{row}/rotate"), json!({ "overlap": 0 })).await.expect(201).json;
        let next = next["key"].as_str().unwrap().to_owned();
        refused.push(program.get("/orders").await);
        Client::new(application.clone()).with_token(&next).get("/orders").await.expect(200);
        keys.extend([key, next]);
    }
    let listed = ada.get("/users/me/api-keys").await.expect(200);
    let id = listed.json[0]["id"].as_str().unwrap().to_owned();
    ada.delete(&format!("/users/me/api-keys/{id}")).await.expect(204);
    assert!(keys.iter().all(|key| !listed.text().contains(&**key)), "{}", listed.text());
    let refused = refused.into_iter().map(|reply| {
        assert!(reply.status.as_u16() >= 400, "{} {}", reply.status, reply.text());
        format!("{:?} {}", reply.headers, reply.text())
    });
    (keys, refused.collect())
}

#[tokio::test]
async fn k1_x1_a_leaked_key_is_found_and_usermgr_leaks_none() {
    let log = Log::at(LevelFilter::TRACE);
    let folder = Folder::over(None);
    let store = SqliteStore::open(folder.file("users.db")).await.unwrap();
    let engine = Engine::builder(store)
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
        .limits(Limits::dangerous_none())
        .with(ApiKeys::new("shop"))
        .build()
        .unwrap();
    let accounts = Arc::new(Accounts { engine });
    let ada = NewUser::new(EmailAddress::parse(ADA).unwrap(), NoProfile).password(PASSWORD).verified(true);
    accounts.create(ada, &Context::system("test")).await.unwrap();
    let own = Router::new().route("/orders", get(orders)).with_state(accounts.clone());
    let (keys, refused) = live(&usermgr::axum::router(accounts.clone()).unwrap().merge(own)).await;

    let heard = log.text();
    // The events are in the log too.
    let kinds = ["api_key_created", "api_key_rotated", "api_key_revoked", "login_failed"];
    assert!(kinds.iter().all(|kind| heard.contains(&format!("kind={kind}"))), "{heard}");
    let bytes: Vec<_> = ["users.db", "users.db-wal"].iter().map(|name| fs::read(folder.file(name)).unwrap()).collect();
    let dump: Vec<_> = bytes.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let places = [&[heard][..], &dump, &refused].concat();
    for key in &keys {
        // Without the prefix and the check figure, what is left still opens nothing and is still in no place.
        let secret = &key["shop_".len()..key.len() - 6];
        assert!(places.iter().all(|place| !place.contains(secret)), "{key}");
    }

    let Some(python) = python("the regular expression for scanners finds no key") else { return };
    let pattern = GUIDE.lines().find(|line| line.starts_with(r"\bshop_")).unwrap();
    let let_out = [
        format!("GET /orders?api_key={}&page=2 HTTP/1.1", keys[0]),
        format!("authorization: Bearer {}", keys[1]),
        format!("SHOP_KEY=\"{}\"", keys[2]),
        format!("{{\"key\":\"{}\",\"scopes\":[]}}", keys[3]),
    ];
    let found = |texts: &[String]| {
        let script = "import json, re, sys; print(json.dumps(re.findall(sys.argv[1], sys.stdin.read())))";
        let input = folder.file("let-out.txt");
        fs::write(&input, texts.join("\n")).unwrap();
        let mut scanner = Command::new(&python);
        let output = scanner.args(["-c", script, pattern]).stdin(fs::File::open(input).unwrap()).output().unwrap();
        serde_json::from_slice::<Vec<String>>(&output.stdout).unwrap()
    };
    assert_eq!(found(&let_out), keys);
    // Neither a part of a key, nor anything that usermgr has written, raises an alarm.
    let near = [format!("shop_{}", &keys[0][5..50]), format!("x{}", keys[0]), format!("{}0", keys[0])];
    assert_eq!(found(&[&near[..], &places].concat()), [""; 0]);
}
