//! Every status and every code that the document tells of a route, given by that route; and none that it does not tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use usermgr::{NewUser, http::Routes, prelude::*, testing::FakeClock};
use usermgr_tests::{Client, Folder, PASSWORD, serve_axum};

use crate::shop::{Customer, FREE, FROZEN, GATE, Level, Shop};

const NEW: &str = "another horse battery";
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// The answers of each operation: a status, with the code or text of a refusal.
type Given = BTreeMap<String, BTreeSet<(u16, String)>>;

/// Who asks, and the answers so far.
struct World {
    shop: Arc<Shop>,
    client: Client,
    clock: FakeClock,
    document: Value,
    given: Given,
    _folder: Folder,
}

impl World {
    async fn open() -> Self {
        let (folder, clock) = (Folder::new(), FakeClock::start());
        let shop = Arc::new(Shop::open(&folder, &clock).await);
        let document = shop.document(&Routes::all());
        let client = Client::new(serve_axum(usermgr::axum::mount(Routes::all()).with_state(shop.clone())));
        Self { shop, client, clock, document, given: Given::new(), _folder: folder }
    }

    /// A user of the shop, with their id.
    async fn user(&self, name: &str, is_superuser: bool) -> String {
        let profile = Customer { name: name.into(), nickname: None, level: Level::Gold, credits: 0 };
        let email = EmailAddress::parse(&address(name)).unwrap();
        let new = NewUser::new(email, profile).password(PASSWORD).superuser(is_superuser).verified(true);
        self.shop.create(new, &Context::default()).await.unwrap().id.to_string()
    }

    async fn logged_in(&self, name: &str) -> Client {
        self.client.logged_in(&address(name), PASSWORD).await
    }

    /// Sends a request to an operation, whose parameter is `id`, perhaps with a query behind it, and notes what it answers.
    async fn ask(
        &mut self,
        client: &Client,
        operation: &str,
        id: &str,
        complete: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> (u16, String) {
        let (method, path) = operation.split_once(' ').unwrap();
        let (id, query) = id.split_at(id.find('?').unwrap_or(id.len()));
        let path = path.replace("{id}", id) + query;
        let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), &path);
        let reply = client.send(complete(request)).await;
        let detail = match serde_json::from_str::<Value>(&reply.text) {
            Ok(body) if reply.status >= 400 => match &body["detail"] {
                Value::String(text) => text.clone(),
                detail => detail["code"].as_str().unwrap_or_default().to_owned(),
            },
            _ => String::new(),
        };
        let answer = (reply.status, detail);
        self.given.entry(operation.to_owned()).or_default().insert(answer.clone());
        answer
    }

    #[track_caller]
    fn expect(&self, answer: &(u16, String), status: u16, detail: &str) {
        assert_eq!(*answer, (status, detail.to_owned()));
    }

    async fn json(&mut self, client: &Client, operation: &str, id: &str, body: Value, expected: (u16, &str)) {
        let answer = self.ask(client, operation, id, |request| request.json(&body)).await;
        assert_eq!(answer, (expected.0, expected.1.to_owned()), "{operation} {body}");
    }

    async fn bare(&mut self, client: &Client, operation: &str, id: &str, expected: (u16, &str)) {
        let answer = self.ask(client, operation, id, |request| request).await;
        assert_eq!(answer, (expected.0, expected.1.to_owned()), "{operation}");
    }

    /// What the document tells: each status with each code.
    fn documented(&self) -> Given {
        let mut documented = Given::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let answers = documented.entry(format!("{} {path}", method.to_uppercase())).or_default();
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let status: u16 = status.parse().unwrap();
                    let reference =
                        response["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/responses/"));
                    let response = reference.map_or(response, |name| &self.document["components"]["responses"][name]);
                    let schema = &response["content"]["application/json"]["schema"];
                    let alternatives = schema["allOf"][1]["properties"]["detail"]["anyOf"].as_array();
                    let texts = alternatives.into_iter().flatten().flat_map(|one| {
                        let code = if one["type"] == "object" { &one["properties"]["code"] } else { one };
                        match code["enum"].as_array() {
                            Some(texts) => texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
                            None => vec![GATE.to_owned()],
                        }
                    });
                    let texts: Vec<_> = texts.collect();
                    match alternatives {
                        Some(_) => answers.extend(texts.into_iter().map(|text| (status, text))),
                        None => drop(answers.insert((status, String::new()))),
                    }
                }
            }
        }
        documented
    }
}

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// Whether it demands a credential: an empty requirement says that none is needed.
fn guarded(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|all| !all.contains(&json!({})))
}

/// What is refused of every route for reasons that all have in common.
async fn common_refusals(world: &mut World, root: &Client, plain: &Client, lax: &Client, cookie: &str) {
    let paths = world.document["paths"].clone();
    for (path, item) in paths.as_object().unwrap() {
        for (method, documented) in item.as_object().unwrap() {
            let operation = format!("{} {path}", method.to_uppercase());
            let nobody = world.client.clone();
            let forged = |request: RequestBuilder| {
                request
                    .header("cookie", cookie)
                    .header("origin", "https://a.example")
                    .header("origin", "https://b.example")
            };
            let answer = world.ask(&nobody, &operation, NOBODY, |request| request.body("x".repeat(70_000))).await;
            world.expect(&answer, 413, "Content Too Large");
            if guarded(documented) {
                world.bare(&nobody, &operation, NOBODY, (401, "Unauthorized")).await;
                let lacking = if documented["summary"].as_str().unwrap().contains("your") || path.ends_with("/logout") {
                    lax
                } else {
                    plain
                };
                world.bare(lacking, &operation, NOBODY, (403, "Forbidden")).await;
            }
            if guarded(documented) || path.starts_with("/auth/cookie/") {
                let answer = world.ask(&nobody, &operation, NOBODY, forged).await;
                world.expect(&answer, 403, "CROSS_ORIGIN_REQUEST");
            }
            if documented.get("requestBody").is_some() && !path.contains("{id}") {
                let answer = world
                    .ask(root, &operation, NOBODY, |request| request.header("content-type", "text/plain").body("x"))
                    .await;
                world.expect(&answer, 415, "Unsupported Media Type");
                world.json(root, &operation, NOBODY, json!([]), (422, "")).await;
            }
            if path.contains("{id}") {
                world.bare(root, &operation, NOBODY, (404, "Not Found")).await;
            }
        }
    }
}

#[tokio::test]
async fn x11_each_route_gives_every_status_and_code_that_the_document_tells_and_no_other() {
    let mut world = World::open().await;
    let nobody = world.client.clone();
    let root_id = world.user("root", true).await;
    for name in ["plain", "lax", "lone", "taken", "leaver", "slow"] {
        world.user(name, false).await;
    }
    let frozen_id = world.user(FROZEN, false).await;
    let victim = world.user("victim", false).await;
    let (root, plain) = (world.logged_in("root").await, world.logged_in("plain").await);
    let (lax, frozen) = (world.logged_in("lax").await, world.logged_in(FROZEN).await);
    let lax_id = lax.get("/users/me").await.expect(200).json()["id"].as_str().unwrap().to_owned();
    root.patch(&format!("/users/{lax_id}"), json!({ "is_verified": false })).await.expect(200);
    let form = json!({ "username": address("plain"), "password": PASSWORD });
    let reply = nobody.post("/auth/cookie/login", form).await.expect(204);
    let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();

    common_refusals(&mut world, &root, &plain, &lax, &cookie).await;

    // Registration.
    let body = |name: &str, password: &str| json!({ "email": address(name), "password": password, "name": name, "level": "plain" });
    let register = "POST /auth/register";
    world.json(&nobody, register, "", body("new", PASSWORD), (201, "")).await;
    world.json(&nobody, register, "", body("new", PASSWORD), (400, "REGISTER_USER_ALREADY_EXISTS")).await;
    world.json(&nobody, register, "", body("weak", "password1"), (400, "REGISTER_INVALID_PASSWORD")).await;
    world.json(&nobody, register, "", body("frozen.too", PASSWORD), (403, GATE)).await;

    // Logins, logouts. The gate lets the frozen user log in as long as the plan is gold.
    for (backend, success) in [("jwt", 200), ("cookie", 204)] {
        let login = format!("POST /auth/{backend}/login");
        let body = |name: &str, password: &str| json!({ "username": address(name), "password": password });
        world.json(&nobody, &login, "", body("root", PASSWORD), (success, "")).await;
        world.json(&nobody, &login, "", body("root", "wrong"), (400, "LOGIN_BAD_CREDENTIALS")).await;
        world.json(&nobody, &login, "", body("lax", PASSWORD), (400, "LOGIN_USER_NOT_VERIFIED")).await;
        let leaving = world.logged_in("root").await;
        world.bare(&leaving, &format!("POST /auth/{backend}/logout"), "", (204, "")).await;
    }

    // Sessions.
    let refresh = "POST /auth/jwt/refresh";
    let refresh_token = async |world: &World| {
        let login = json!({ "username": address("plain"), "password": PASSWORD });
        let reply = world.client.post("/auth/jwt/login", login).await.expect(200);
        json!({ "refresh_token": reply.json()["refresh_token"] })
    };
    let first = refresh_token(&world).await;
    world.json(&nobody, refresh, "", first, (200, "")).await;
    world.json(&nobody, refresh, "", json!({ "refresh_token": "x" }), (400, "REFRESH_BAD_TOKEN")).await;
    let unused = refresh_token(&world).await;
    let list = plain.get("/users/me/sessions").await.expect(200).json();
    world.bare(&plain, "GET /users/me/sessions", "", (200, "")).await;
    world.bare(&plain, "GET /users/me/sessions", "?limit=0", (422, "")).await;
    let other = list.as_array().unwrap().iter().find(|session| session["is_current"] == false).unwrap();
    world.bare(&plain, "DELETE /users/me/sessions/{id}", other["id"].as_str().unwrap(), (204, "")).await;
    let alone = world.logged_in("lone").await;
    world.bare(&alone, "DELETE /users/me/sessions", "", (204, "")).await;

    // Verification.
    let (ask, verify) = ("POST /auth/request-verify-token", "POST /auth/verify");
    world.json(&nobody, ask, "", json!({ "email": address("new") }), (202, "")).await;
    let token = json!({ "token": world.shop.token("verify").await });
    world.json(&nobody, verify, "", json!({ "token": "x" }), (400, "VERIFY_USER_BAD_TOKEN")).await;
    world.json(&nobody, verify, "", token.clone(), (200, "")).await;
    world.json(&nobody, verify, "", token.clone(), (400, "VERIFY_USER_ALREADY_VERIFIED")).await;

    let gold = json!({ "email": address("frozen.gold"), "password": PASSWORD, "name": "gold", "level": "gold" });
    world.json(&nobody, register, "", gold, (201, "")).await;
    world.json(&nobody, ask, "", json!({ "email": address("frozen.gold") }), (202, "")).await;
    let token = json!({ "token": world.shop.token("verify").await });
    world.json(&nobody, verify, "", token, (403, GATE)).await;

    world.bare(&nobody, "GET /.well-known/jwks.json", "", (200, "")).await;

    // Passwords.
    let (forgot, reset) = ("POST /auth/forgot-password", "POST /auth/reset-password");
    world.json(&nobody, forgot, "", json!({ "email": address("new") }), (202, "")).await;
    let with = |token: &str, password: &str| json!({ "token": token, "password": password });
    let token = world.shop.token("reset").await;
    world.json(&nobody, reset, "", with(&token, "password1"), (400, "RESET_PASSWORD_INVALID_PASSWORD")).await;
    world.json(&nobody, reset, "", with(&token, NEW), (200, "")).await;
    world.json(&nobody, reset, "", with(&token, NEW), (400, "RESET_PASSWORD_BAD_TOKEN")).await;
    world.json(&nobody, forgot, "", json!({ "email": address("frozen") }), (202, "")).await;
    let token = world.shop.token("reset").await;
    world.json(&nobody, reset, "", with(&token, NEW), (403, GATE)).await;
    let change = "POST /auth/change-password";
    let with = |current: &str, password: &str| json!({ "current_password": current, "password": password });
    world.json(&plain, change, "", with("wrong", NEW), (400, "CHANGE_PASSWORD_BAD_PASSWORD")).await;
    world.json(&plain, change, "", with(PASSWORD, "password1"), (400, "CHANGE_PASSWORD_INVALID_PASSWORD")).await;
    world.json(&frozen, change, "", with(PASSWORD, NEW), (403, GATE)).await;
    let leaver = world.logged_in("leaver").await;
    world.json(&leaver, change, "", with(PASSWORD, NEW), (204, "")).await;
    let leaver = nobody.logged_in(&address("leaver"), NEW).await;

    // Addresses.
    let (ask, confirm) = ("POST /auth/request-email-change", "POST /auth/confirm-email-change");
    world.json(&nobody, confirm, "", json!({ "token": "x" }), (400, "CHANGE_EMAIL_BAD_TOKEN")).await;
    world.json(&frozen, ask, "", json!({ "email": address("thawed") }), (403, GATE)).await;
    // The hook inside the transaction may refuse a user that the gate has accepted.
    world.json(&plain, ask, "", json!({ "email": address("frozen.soon") }), (202, "")).await;
    let token = json!({ "token": world.shop.token("change_email").await });
    world.json(&nobody, confirm, "", token, (403, GATE)).await;
    world.json(&plain, ask, "", json!({ "email": address("soon.taken") }), (202, "")).await;
    let token = json!({ "token": world.shop.token("change_email").await });
    let soon_taken = world.user("soon.taken", false).await;
    world.json(&nobody, confirm, "", token.clone(), (400, "UPDATE_USER_EMAIL_ALREADY_EXISTS")).await;
    root.delete(&format!("/users/{soon_taken}")).await.expect(204);
    world.json(&leaver, ask, "", json!({ "email": address("moved") }), (202, "")).await;
    let moved = json!({ "token": world.shop.token("change_email").await });
    world.json(&nobody, confirm, "", moved, (200, "")).await;

    // One's own account.
    let me = "PATCH /users/me";
    world.bare(&plain, "GET /users/me", "", (200, "")).await;
    world.json(&plain, me, "", json!({ "nickname": "p" }), (200, "")).await;
    world.json(&plain, me, "", json!({ "email": address("taken") }), (400, "UPDATE_USER_EMAIL_ALREADY_EXISTS")).await;
    world.json(&plain, me, "", json!({ "password": "password1" }), (400, "UPDATE_USER_INVALID_PASSWORD")).await;
    world.json(&frozen, me, "", json!({ "nickname": "f" }), (403, GATE)).await;
    world.bare(&frozen, "DELETE /users/me", "", (403, GATE)).await;
    world.bare(&root, "DELETE /users/me", "", (400, "LAST_SUPERUSER")).await;
    let leaver = nobody.logged_in(&address("moved"), NEW).await;
    world.bare(&leaver, "DELETE /users/me", "", (204, "")).await;

    // Everybody's.
    let (read, update, delete) = ("GET /users/{id}", "PATCH /users/{id}", "DELETE /users/{id}");
    world.bare(&root, "GET /users", "", (200, "")).await;
    world.bare(&root, "GET /users", "?limit=0", (422, "")).await;
    world.bare(&root, read, &victim, (200, "")).await;
    world.json(&root, update, &victim, json!({ "nickname": "v" }), (200, "")).await;
    let answer =
        world.ask(&root, update, &victim, |request| request.header("content-type", "text/plain").body("x")).await;
    world.expect(&answer, 415, "Unsupported Media Type");
    world.json(&root, update, &victim, json!([]), (422, "")).await;
    let taken = json!({ "email": address("taken") });
    world.json(&root, update, &root_id, taken.clone(), (400, "UPDATE_USER_EMAIL_ALREADY_EXISTS")).await;
    world.json(&root, update, &victim, taken, (403, "UPDATE_USER_EMAIL_FORBIDDEN")).await;
    world.json(&root, update, &victim, json!({ "password": NEW }), (403, "UPDATE_USER_PASSWORD_FORBIDDEN")).await;
    world
        .json(&root, update, &root_id, json!({ "password": "password1" }), (400, "UPDATE_USER_INVALID_PASSWORD"))
        .await;
    world.json(&root, update, &root_id, json!({ "is_superuser": false }), (400, "LAST_SUPERUSER")).await;
    world.json(&root, update, &frozen_id, json!({ "nickname": "f" }), (403, GATE)).await;
    mails_and_sessions(&mut world, &root, &victim, &lax_id).await;
    world.bare(&root, delete, &victim, (204, "")).await;
    world.bare(&root, delete, &root_id, (400, "LAST_SUPERUSER")).await;
    world.bare(&root, delete, &frozen_id, (403, GATE)).await;

    // The gate before a login.
    let body = json!({ "username": address(FROZEN), "password": PASSWORD });
    let plain_level = frozen_to_plain(&world).await;
    assert!(plain_level);
    for backend in ["jwt", "cookie"] {
        world.json(&nobody, &format!("POST /auth/{backend}/login"), "", body.clone(), (403, GATE)).await;
    }

    limits(&mut world, &plain).await;
    overload(&mut world, &plain, &root, &token, &unused).await;

    let (documented, given) = (world.documented(), world.given);
    for (operation, documented) in &documented {
        let given = &given[operation];
        let (missing, unknown) =
            (documented.difference(given).collect::<Vec<_>>(), given.difference(documented).collect::<Vec<_>>());
        assert!(missing.is_empty(), "{operation} is said to give {missing:?}");
        assert!(unknown.is_empty(), "{operation} gave what the document does not tell: {unknown:?}");
    }
}

/// What a superuser does for two users: the first is verified, and the second is not.
async fn mails_and_sessions(world: &mut World, root: &Client, verified: &str, unverified: &str) {
    let (reset, verify) = ("POST /users/{id}/forgot-password", "POST /users/{id}/request-verify-token");
    let (list, end) = ("GET /users/{id}/sessions", "DELETE /users/{id}/sessions");
    world.bare(root, reset, verified, (202, "")).await;
    world.bare(root, verify, unverified, (202, "")).await;
    world.bare(root, verify, verified, (400, "VERIFY_USER_ALREADY_VERIFIED")).await;
    let inactive = world.user("asleep", false).await;
    root.patch(&format!("/users/{inactive}"), json!({ "is_active": false })).await.expect(200);
    for mail in [reset, verify] {
        world.bare(root, mail, &inactive, (400, "USER_INACTIVE")).await;
    }
    world.bare(root, list, verified, (200, "")).await;
    world.bare(root, list, &format!("{verified}?limit=0"), (422, "")).await;
    world.bare(root, end, verified, (204, "")).await;
}

/// Takes the level away that lets the frozen in, past the gates.
async fn frozen_to_plain(world: &World) -> bool {
    let store = world.shop.engine.store();
    let email = EmailAddress::parse(&address(FROZEN)).unwrap();
    let mut record = store.find(usermgr::store::Lookup::Email(&email)).await.unwrap().unwrap();
    record.user.profile.level = Level::Plain;
    let mut tx = store.begin().await.unwrap();
    store.update(&mut tx, &record).await.unwrap();
    store.commit(tx).await.is_ok()
}

/// An address from which too much has come. Other addresses are not concerned.
async fn limits(world: &mut World, plain: &Client) {
    const FROM: (&str, &str) = ("x-forwarded-for", "9.9.9.9");
    let nobody = world.client.clone();
    let password = json!({ "current_password": PASSWORD, "password": NEW });
    let login = json!({ "username": address("plain"), "password": PASSWORD });
    let register = json!({ "email": address("new"), "password": PASSWORD, "name": "new", "level": "gold" });
    let (token, email) = (json!({ "token": "x" }), json!({ "email": address("unknown") }));
    for (operation, body) in
        [("POST /auth/verify", &token), ("POST /auth/register", &register), ("POST /auth/request-verify-token", &email)]
    {
        for _ in 0..FREE {
            world.ask(&nobody, operation, "", |request| request.header(FROM.0, FROM.1).json(body)).await;
            // What finds the background full is not counted.
            world.shop.engine.settle().await;
        }
    }
    world.clock.advance(Duration::from_secs(601));
    let fresh = world.logged_in("plain").await;
    for (client, operation, body) in [
        (&nobody, "POST /auth/jwt/login", &login),
        (&nobody, "POST /auth/cookie/login", &login),
        (&nobody, "POST /auth/register", &register),
        (&nobody, "POST /auth/request-verify-token", &email),
        (&nobody, "POST /auth/verify", &token),
        (&nobody, "POST /auth/forgot-password", &email),
        (&nobody, "POST /auth/reset-password", &json!({ "token": "x", "password": NEW })),
        (plain, "POST /auth/change-password", &password),
        (&fresh, "POST /auth/request-email-change", &email),
        (&nobody, "POST /auth/confirm-email-change", &token),
        (&nobody, "POST /auth/jwt/refresh", &json!({ "refresh_token": "x" })),
        (plain, "PATCH /users/me", &json!({ "email": address("other"), "current_password": PASSWORD })),
    ] {
        let answer = world.ask(client, operation, "", |request| request.header(FROM.0, FROM.1).json(body)).await;
        assert_eq!(answer, (429, "TOO_MANY_REQUESTS".to_owned()), "{operation}");
    }
    let root = world.logged_in("root").await;
    let found = root.get("/users?email=lax").await.expect(200).json();
    let lax = found["users"][0]["id"].as_str().unwrap();
    for operation in ["POST /users/{id}/forgot-password", "POST /users/{id}/request-verify-token"] {
        let answer = world.ask(&root, operation, lax, |request| request.header(FROM.0, FROM.1)).await;
        assert_eq!(answer, (429, "TOO_MANY_REQUESTS".to_owned()), "{operation}");
    }
}

/// Logins that are too old by now, a full background and a store that is away.
async fn overload(world: &mut World, plain: &Client, root: &Client, change_email: &Value, refresh: &Value) {
    let nobody = world.client.clone();
    for (operation, body) in [
        ("PATCH /users/me", json!({ "email": address("other") })),
        ("POST /auth/request-email-change", json!({ "email": address("other") })),
        ("DELETE /users/me", Value::Null),
        ("DELETE /users/me/sessions", Value::Null),
    ] {
        world.json(plain, operation, "", body, (403, "REAUTHENTICATION_REQUIRED")).await;
    }
    for operation in
        ["POST /users/{id}/forgot-password", "POST /users/{id}/request-verify-token", "DELETE /users/{id}/sessions"]
    {
        world.bare(root, operation, NOBODY, (403, "REAUTHENTICATION_REQUIRED")).await;
    }
    let own = root.get("/users/me").await.expect(200).json()["id"].as_str().unwrap().to_owned();
    let email = json!({ "email": address("other") });
    world.json(root, "PATCH /users/{id}", &own, email, (403, "REAUTHENTICATION_REQUIRED")).await;
    let away = (503, "Service Unavailable");
    let (verify, forgot) = ("POST /auth/request-verify-token", "POST /auth/forgot-password");
    nobody.post("/auth/request-verify-token", json!({ "email": address("lax") })).await.expect(202);
    let verification = json!({ "token": world.shop.token("verify").await });
    nobody.post("/auth/forgot-password", json!({ "email": address("slow") })).await.expect(202);
    for operation in [verify, forgot] {
        world.json(&nobody, operation, "", json!({ "email": address("plain") }), away).await;
    }
    let reset = json!({ "token": world.shop.token("reset").await, "password": NEW });
    world.shop.engine.store().close().await;
    let login = json!({ "username": address("plain"), "password": PASSWORD });
    let register = json!({ "email": address("late"), "password": PASSWORD, "name": "late", "level": "gold" });
    for (operation, body) in [
        ("POST /auth/jwt/login", &login),
        ("POST /auth/cookie/login", &login),
        ("POST /auth/register", &register),
        ("POST /auth/verify", &verification),
        ("POST /auth/reset-password", &reset),
        ("POST /auth/confirm-email-change", change_email),
        ("POST /auth/jwt/refresh", refresh),
    ] {
        world.json(&nobody, operation, "", body.clone(), away).await;
    }
    let paths = world.document["paths"].clone();
    for (path, item) in paths.as_object().unwrap() {
        for (method, _) in item.as_object().unwrap().iter().filter(|(_, documented)| guarded(documented)) {
            world.bare(root, &format!("{} {path}", method.to_uppercase()), NOBODY, away).await;
        }
    }
    // A logout removes a cookie without a login, but for a logged-in user it must not report success.
    world.bare(root, "POST /auth/cookie/logout", "", away).await;
}
