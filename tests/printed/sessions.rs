//! How sessions end: by time, by a new stamp, by logout; and which one lives on.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FakeClock},
};

const GOOD: &str = "correct horse battery";
const NEW: &str = "another long enough one";
const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// A manager with sessions in the store behind `/auth/app`, `/auth/other` and tokens behind `/auth/jwt`.
struct Shop {
    accounts: Arc<Accounts>,
    clock: FakeClock,
}

impl Shop {
    async fn open() -> Self {
        let clock = FakeClock::start();
        let sessions = || Database::new().idle(HOUR).absolute(3 * HOUR);
        let engine = Engine::builder(MemoryStore::new())
            .backend(Backend::bearer("app", sessions()))
            .backend(Backend::bearer("other", sessions()))
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("admin", Jwt::new().audience("shop:admin")))
            .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
            .clock(clock.clone())
            .build()
            .unwrap();
        let shop = Self { accounts: Arc::new(Accounts { engine }), clock };
        for email in ["ada@example.com", "bob@example.com"] {
            shop.anybody().register(email, GOOD).await;
        }
        shop
    }

    fn anybody(&self) -> Client {
        Client::new(usermgr::axum::routes::<Accounts, Arc<Accounts>>().with_state(self.accounts.clone()))
    }

    async fn login(&self, backend: &str, email: &str, password: &str) -> Client {
        let client = self.anybody();
        let reply = client.login(backend, email, password).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        client
    }
}

#[track_caller]
fn assert_live(reply: &usermgr::testing::Reply, live: bool) {
    assert_eq!(reply.status.as_u16(), if live { 200 } else { 401 }, "{}", reply.json);
}

async fn is_live(client: &Client) -> bool {
    let reply = client.get("/users/me").await;
    assert!([200, 401].contains(&reply.status.as_u16()), "{}", reply.json);
    reply.status == 200
}

#[tokio::test]
async fn s5_a_session_ends_an_hour_after_its_last_use() {
    let shop = Shop::open().await;
    let client = shop.login("app", "ada@example.com", GOOD).await;
    shop.clock.advance(HOUR - SECOND);
    assert!(is_live(&client).await);
    // That was a use.
    shop.clock.advance(HOUR - SECOND);
    assert!(is_live(&client).await);
    shop.clock.advance(HOUR);
    assert!(!is_live(&client).await);
}

#[tokio::test]
async fn s5_a_session_ends_after_three_hours_however_much_it_is_used() {
    let shop = Shop::open().await;
    let client = shop.login("app", "ada@example.com", GOOD).await;
    for _ in 0..5 {
        shop.clock.advance(HOUR / 2);
        assert!(is_live(&client).await);
    }
    shop.clock.advance(HOUR / 2 - SECOND);
    assert!(is_live(&client).await);
    shop.clock.advance(SECOND);
    assert!(!is_live(&client).await);
}

#[tokio::test]
async fn t17_a_token_lives_to_the_second_before_its_expiry() {
    let shop = Shop::open().await;
    let client = shop.login("jwt", "ada@example.com", GOOD).await;
    shop.clock.advance(HOUR - SECOND);
    assert!(is_live(&client).await);
    shop.clock.advance(SECOND);
    assert!(!is_live(&client).await);
}

#[tokio::test]
async fn j6_the_own_session_outlives_a_new_password_and_all_others_end() {
    for by_patch in [true, false] {
        let shop = Shop::open().await;
        let own = shop.login("app", "ada@example.com", GOOD).await;
        let others = [
            shop.login("app", "ada@example.com", GOOD).await,
            shop.login("other", "ada@example.com", GOOD).await,
            shop.login("jwt", "ada@example.com", GOOD).await,
        ];
        let bob = [shop.login("app", "bob@example.com", GOOD).await, shop.login("jwt", "bob@example.com", GOOD).await];
        if by_patch {
            assert_eq!(own.patch("/users/me", json!({ "password": NEW })).await.status, 200);
        } else {
            let body = json!({ "current_password": GOOD, "password": NEW });
            assert_eq!(own.post("/auth/change-password", body).await.status, 204);
        }
        assert!(is_live(&own).await, "by_patch: {by_patch}");
        for other in &others {
            assert!(!is_live(other).await, "by_patch: {by_patch}");
        }
        for session in &bob {
            assert!(is_live(session).await, "by_patch: {by_patch}");
        }
        // It survives the next one as well.
        let body = json!({ "current_password": NEW, "password": GOOD });
        assert_eq!(own.post("/auth/change-password", body).await.status, 204);
        assert!(is_live(&own).await);
    }
}

#[tokio::test]
async fn j6_a_token_does_not_outlive_the_new_password_that_was_set_through_it() {
    let shop = Shop::open().await;
    let client = shop.login("jwt", "ada@example.com", GOOD).await;
    assert_eq!(client.patch("/users/me", json!({ "password": NEW })).await.status, 200);
    assert_live(&client.get("/users/me").await, false);
    let client = shop.login("jwt", "ada@example.com", NEW).await;
    let body = json!({ "current_password": NEW, "password": GOOD });
    assert_eq!(client.post("/auth/change-password", body).await.status, 204);
    assert_live(&client.get("/users/me").await, false);
}

#[tokio::test]
async fn j6_s6_a_deactivation_ends_every_session_for_good() {
    let shop = Shop::open().await;
    let sessions = [shop.login("app", "ada@example.com", GOOD).await, shop.login("jwt", "ada@example.com", GOOD).await];
    let ada = EmailAddress::parse("ada@example.com").unwrap();
    let id = shop.accounts.get_by_email(&ada).await.unwrap().unwrap().id;
    let (admin, cx) = (Admin::system("test"), Context::default());
    shop.accounts.set_active(&admin, &id, false, &cx).await.unwrap();
    shop.accounts.set_active(&admin, &id, true, &cx).await.unwrap();
    for session in &sessions {
        assert!(!is_live(session).await);
    }
    assert!(is_live(&shop.login("app", "ada@example.com", GOOD).await).await);
}

#[tokio::test]
async fn an_address_change_ends_no_session() {
    let shop = Shop::open().await;
    let sessions = [shop.login("app", "ada@example.com", GOOD).await, shop.login("jwt", "ada@example.com", GOOD).await];
    assert_eq!(sessions[0].patch("/users/me", json!({ "email": "countess@example.com" })).await.status, 200);
    for session in &sessions {
        assert_eq!(session.get("/users/me").await.json["email"], "countess@example.com");
    }
}

#[tokio::test]
async fn s6_a_logout_ends_the_session_it_came_through_and_no_other() {
    let shop = Shop::open().await;
    let (one, two) =
        (shop.login("app", "ada@example.com", GOOD).await, shop.login("app", "ada@example.com", GOOD).await);
    let bob = shop.login("app", "bob@example.com", GOOD).await;
    assert_eq!(one.post("/auth/app/logout", json!(null)).await.status, 204);
    assert!(!is_live(&one).await);
    assert_eq!(one.post("/auth/app/logout", json!(null)).await.status, 401);
    assert!(is_live(&two).await);
    assert!(is_live(&bob).await);
    // A signed token has no row that could end: it lives until it expires.
    let token = shop.login("jwt", "ada@example.com", GOOD).await;
    assert_eq!(token.post("/auth/jwt/logout", json!(null)).await.status, 204);
    assert!(is_live(&token).await);
}

#[tokio::test]
async fn s1_every_login_makes_another_session() {
    let shop = Shop::open().await;
    let cx = Context::default();
    let mut tokens = Vec::new();
    for _ in 0..10 {
        for backend in ["app", "jwt"] {
            let credentials = Credentials::new("ada@example.com", GOOD);
            tokens.push(shop.accounts.login(credentials, backend, &cx).await.unwrap().token.expose().to_owned());
        }
    }
    let count = tokens.len();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), count);
}

#[tokio::test]
async fn a_session_serves_only_the_backend_that_made_it() {
    let shop = Shop::open().await;
    let cx = Context::default();
    for (made_by, others) in [("app", ["other", "jwt", "admin"]), ("admin", ["app", "other", "jwt"])] {
        let credentials = Credentials::new("ada@example.com", GOOD);
        let token = shop.accounts.login(credentials, made_by, &cx).await.unwrap().token;
        let principal = shop.accounts.identify(made_by, token.expose()).await.unwrap().unwrap();
        assert_eq!((principal.user().email.as_str(), principal.session.backend.as_str()), ("ada@example.com", made_by));
        for other in others.into_iter().chain(["nothing", ""]) {
            assert!(shop.accounts.identify(other, token.expose()).await.unwrap().is_none(), "{made_by} at {other}");
        }
    }
    let nobody = shop.anybody();
    nobody.post("/auth/nothing/login", json!({ "username": "ada@example.com", "password": GOOD })).await.expect(404);
}

#[tokio::test]
async fn two_users_sessions_are_apart() {
    let shop = Shop::open().await;
    for backend in ["app", "jwt"] {
        let ada = shop.login(backend, "ada@example.com", GOOD).await;
        let bob = shop.login(backend, "bob@example.com", GOOD).await;
        assert_eq!(ada.get("/users/me").await.json["email"], "ada@example.com");
        assert_eq!(bob.get("/users/me").await.json["email"], "bob@example.com");
    }
}

#[tokio::test]
async fn p14_ten_minutes_after_the_login_a_new_address_or_password_needs_the_current_password() {
    let shop = Shop::open().await;
    for backend in ["app", "jwt"] {
        let client = shop.login(backend, "ada@example.com", GOOD).await;
        let patch = async |body| {
            let reply = client.patch("/users/me", body).await;
            (reply.status.as_u16(), reply.json["detail"].as_str().map(str::to_owned))
        };
        let refused = (403, Some("REAUTHENTICATION_REQUIRED".to_owned()));
        shop.clock.advance(Duration::from_secs(600));
        assert_eq!(patch(json!({ "email": "new@example.com" })).await, (200, None));
        assert_eq!(patch(json!({ "email": "ada@example.com" })).await, (200, None));
        shop.clock.advance(SECOND);
        assert_eq!(patch(json!({ "email": "new@example.com" })).await, refused);
        assert_eq!(patch(json!({ "password": NEW })).await, refused);
        assert_eq!(patch(json!({ "password": NEW, "current_password": NEW })).await, refused);
        assert_eq!(patch(json!({ "email": "Ada@example.com" })).await, refused, "another spelling");
        // Nothing that needs it.
        assert_eq!(patch(json!({})).await, (200, None));
        assert_eq!(patch(json!({ "password": null })).await, (200, None));
        assert_eq!(patch(json!({ "email": "ada@example.com" })).await, (200, None));
        let proved = json!({ "email": "ada@example.com", "password": NEW, "current_password": GOOD });
        assert_eq!(patch(proved).await, (200, None));
        // Back for the next round.
        let body = json!({ "password": GOOD, "current_password": NEW });
        let client = shop.login(backend, "ada@example.com", NEW).await;
        assert_eq!(client.patch("/users/me", body).await.status, 200);
    }
}
