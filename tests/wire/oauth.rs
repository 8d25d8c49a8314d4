//! Signing in through a provider, and linking an account there: FastAPI Users' rows, over a provider in this process.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, header};
use serde_json::{Value, json};
use usermgr::{Secret, testing::forge, token::OAuthState};
use usermgr_tests::{Client, PASSWORD, Reply, SECRET};

use crate::{
    rig::Rig,
    world::{Kind, Someone, address},
};

/// A sign-in or a link that has begun.
struct Begun {
    url: String,
    cookie: String,
}

impl Begun {
    async fn at(client: &Client, path: &str) -> Self {
        let reply = client.get(path).await.expect(200);
        let url = reply.json()["authorization_url"].as_str().unwrap().to_owned();
        Self { url, cookie: reply.cookie() }
    }

    fn state(&self) -> &str {
        self.url.split(['?', '&']).find_map(|pair| pair.strip_prefix("state=")).unwrap()
    }

    /// The path of the callback, with another state.
    fn with_state(&self, path: &str, state: &str) -> String {
        path.replace(self.state(), state)
    }

    /// The state, signed again with other claims or another secret.
    fn forged(&self, secret: &str, change: impl FnOnce(&mut Value)) -> String {
        let payload = self.state().split('.').nth(1).unwrap();
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        change(&mut claims);
        forge::<OAuthState>(&Secret::new(secret), &claims).unwrap().expose().to_owned()
    }
}

/// A person at the provider, new to all rows.
fn person(rig: &Rig) -> (String, String) {
    let (subject, email) = (address("subject"), address("person"));
    rig.provider.person(&subject, json!({ "email": email, "email_verified": true }));
    (subject, email)
}

/// Comes back to a callback.
async fn back(client: &Client, path: &str, cookie: Option<&str>) -> Reply {
    let request = client.request(Method::GET, path);
    client.send(cookie.into_iter().fold(request, |request, cookie| request.header(header::COOKIE, cookie))).await
}

/// A whole sign-in.
async fn sign_in(rig: &Rig, provider: &str, subject: &str) -> Reply {
    let client = rig.host.client();
    let begun = Begun::at(&client, &format!("/auth/{provider}/authorize")).await;
    back(&client, &rig.provider.consent(&begun.url, subject), Some(&begun.cookie)).await
}

/// The user of a login.
async fn me(rig: &Rig, reply: Reply) -> Value {
    rig.host.client().with_token(reply.expect(200).token()).get("/users/me").await.expect(200).json()
}

rows! {
    "Begin a sign-in through a provider: `GET /auth/{provider}/authorize`", |world|

    once r1_a_url_and_a_cookie("-" => "200, `authorization_url` and a cookie") {
        let rig = world.rig().await;
        let begun = Begun::at(&rig.host.client(), "/auth/corp/authorize").await;
        assert!(begun.url.starts_with("https://id.corp.example/authorize?"), "{}", begun.url);
        assert!(begun.cookie.starts_with("__Host-usermgr-oauth-"), "{}", begun.cookie);
    }
    once r2_a_fixed_redirect_uri("a fixed redirect URI" => "the same, with that URI") {
        let rig = world.rig().await;
        let begun = Begun::at(&rig.host.client(), "/auth/fixed/authorize").await;
        assert!(begun.url.contains("redirect_uri=https%3A%2F%2Fapp.example%2Fback"), "{}", begun.url);
    }
}

pub(crate) mod callback {
    //! Coming back.

    use super::*;

    rows! {
        "Sign in through a provider: `GET /auth/{provider}/callback`", |world|

        once r1_garbage_as_the_state("garbage as `state`" => "400 `ACCESS_TOKEN_DECODE_ERROR`") {
            let rig = world.rig().await;
            for state in ["", "garbage", "a.b.c"] {
                let path = format!("/auth/corp/callback?code=x&state={state}");
                rig.host.client().get(&path).await.expect_detail(400, "ACCESS_TOKEN_DECODE_ERROR");
            }
        }
        once r2_no_cookie("no cookie" => "400 `OAUTH_INVALID_STATE`") {
            let rig = world.rig().await;
            let client = rig.host.client();
            let begun = Begun::at(&client, "/auth/corp/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            back(&client, &callback, None).await.expect_detail(400, "OAUTH_INVALID_STATE");
        }
        once r3_another_cookie("another cookie" => "400 `OAUTH_INVALID_STATE`") {
            let rig = world.rig().await;
            let client = rig.host.client();
            let begun = Begun::at(&client, "/auth/corp/authorize").await;
            let other = Begun::at(&client, "/auth/corp/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let (name, _) = begun.cookie.split_once('=').unwrap();
            let (_, value) = other.cookie.split_once('=').unwrap();
            for cookie in [other.cookie.clone(), format!("{name}={value}")] {
                back(&client, &callback, Some(&cookie)).await.expect_detail(400, "OAUTH_INVALID_STATE");
            }
        }
        once r4_a_taken_email("`email` of an account" => "400 `OAUTH_USER_ALREADY_EXISTS`") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            rig.host.client().register(&email, PASSWORD).await.expect(201);
            sign_in(rig, "corp", &subject).await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
            assert_eq!(rig.journal.count("on_after_login", &email), 0);
        }
        once r5_an_active_user("known, active" => "200, a token") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            sign_in(rig, "corp", &subject).await.expect(200);
            let user = me(rig, sign_in(rig, "corp", &subject).await).await;
            assert_eq!(user["email"], *email);
            assert_eq!(rig.journal.count("on_after_login", &email), 2);
        }
        once r6_an_inactive_user("known, inactive" => "400 `LOGIN_BAD_CREDENTIALS`") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            let user = me(rig, sign_in(rig, "corp", &subject).await).await;
            let path = format!("/users/{}", user["id"].as_str().unwrap());
            rig.host.root().patch(&path, json!({ "is_active": false })).await.expect(200);
            sign_in(rig, "corp", &subject).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
            assert_eq!(rig.journal.count("on_after_login", &email), 1);
        }
        once r7_a_fixed_redirect_uri("a fixed redirect URI" => "200, and the code is exchanged with that URI"; "without a verifier") {
            let rig = world.rig().await;
            let client = rig.host.client();
            let begun = Begun::at(&client, "/auth/fixed/authorize").await;
            // The page at that URI passes the query on. The provider refuses another URI, and a wrong verifier.
            let callback = rig.provider.consent(&begun.url, &person(rig).0).replace("/back?", "/auth/fixed/callback?");
            back(&client, &callback, Some(&begun.cookie)).await.expect(200);
        }
        once r8_no_email("unknown, without `email`" => "400 `OAUTH_NOT_AVAILABLE_EMAIL`") {
            let rig = world.rig().await;
            let subject = address("subject");
            rig.provider.person(&subject, json!({}));
            sign_in(rig, "corp", &subject).await.expect_detail(400, "OAUTH_NOT_AVAILABLE_EMAIL");
        }
        once r9_an_expired_state("expired `state`" => "400 `ACCESS_TOKEN_ALREADY_EXPIRED`") {
            let rig = world.rig().await;
            let client = rig.host.client();
            let begun = Begun::at(&client, "/auth/corp/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let expired = begun.with_state(&callback, &begun.forged(SECRET, |claims| claims["exp"] = json!(1)));
            back(&client, &expired, Some(&begun.cookie)).await.expect_detail(400, "ACCESS_TOKEN_ALREADY_EXPIRED");
            back(&client, &callback, Some(&begun.cookie)).await.expect(200);
        }
        once r10_a_state_of_another_secret("`state` signed with another secret" => "400 `ACCESS_TOKEN_DECODE_ERROR`") {
            let rig = world.rig().await;
            let client = rig.host.client();
            let begun = Begun::at(&client, "/auth/corp/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let other = begun.forged("another secret, also long enough now", |_| {});
            let forged = begun.with_state(&callback, &other);
            back(&client, &forged, Some(&begun.cookie)).await.expect_detail(400, "ACCESS_TOKEN_DECODE_ERROR");
        }
        once m1_a_known_identity("known" => "logged in; no `on_after_register`") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            sign_in(rig, "corp", &subject).await.expect(200);
            sign_in(rig, "corp", &subject).await.expect(200);
            assert_eq!(rig.journal.count("on_after_register", &email), 1);
        }
        once m2_a_link_by_email(
            "`email` of an account, with `link_by_email`" => "200, linked; no `on_after_register`";
            "any provider with `associate_by_email`; ours must be trusted, and have verified the address"
        ) {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            let id = rig.host.client().register(&email, PASSWORD).await.expect(201).json()["id"].clone();
            assert_eq!(me(rig, sign_in(rig, "linking", &subject).await).await["id"], id);
            assert_eq!(rig.journal.count("on_after_register", &email), 1);
        }
        once m3_no_link_by_email("the same, without" => "400 `OAUTH_USER_ALREADY_EXISTS`") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            rig.host.client().register(&email, PASSWORD).await.expect(201);
            sign_in(rig, "verifying", &subject).await.expect_detail(400, "OAUTH_USER_ALREADY_EXISTS");
        }
        once m4_a_new_user("unknown" => "200, a new user who is not verified; `on_after_register`") {
            let rig = world.rig().await;
            let (subject, email) = person(rig);
            let user = me(rig, sign_in(rig, "corp", &subject).await).await;
            assert_eq!((&user["email"], &user["is_verified"]), (&json!(email), &json!(false)));
            assert_eq!(rig.journal.count("on_after_register", &email), 1);
        }
        once m5_a_new_user_who_is_verified("unknown, verified by default" => "200, a new user who is verified") {
            let rig = world.rig().await;
            let (subject, _) = person(rig);
            assert_eq!(me(rig, sign_in(rig, "verifying", &subject).await).await["is_verified"], true);
        }
    }
}

/// A user, and a link that has begun.
async fn linking(rig: &Rig) -> (Someone, Begun) {
    let someone = rig.host.someone(Kind::Unverified).await;
    let begun = Begun::at(&someone.client, "/auth/associate/corp/authorize").await;
    (someone, begun)
}

pub(crate) mod associate {
    //! Beginning a link.

    use super::*;

    const PATH: &str = "/auth/associate/corp/authorize";

    rows! {
        "Begin to link an account at a provider: `GET /auth/associate/{provider}/authorize`", |world|

        once r1_no_token("no token" => "401") {
            world.rig().await.host.client().get(PATH).await.expect(401);
        }
        once r2_an_inactive_user("inactive user" => "401") {
            world.rig().await.host.someone(Kind::Inactive).await.client.get(PATH).await.expect(401);
        }
        once r3_an_active_user("active user" => "200, `authorization_url` and a cookie") {
            let (_, begun) = linking(world.rig().await).await;
            assert!(begun.url.contains("redirect_uri=https%3A%2F%2Fshop.example%2Fauth%2Fassociate%2Fcorp%2Fcallback"));
        }
        once r4_a_fixed_redirect_uri("a fixed redirect URI" => "the same, with that URI") {
            let someone = world.rig().await.host.someone(Kind::Unverified).await;
            let begun = Begun::at(&someone.client, "/auth/associate/fixed/authorize").await;
            assert!(begun.url.contains("redirect_uri=https%3A%2F%2Fapp.example%2Flinked"), "{}", begun.url);
        }
    }
}

pub(crate) mod associated {
    //! Coming back with a link.

    use super::*;

    rows! {
        "Link an account at a provider: `GET /auth/associate/{provider}/callback`", |world|

        once r1_no_token("no token" => "401") {
            world.rig().await.host.client().get("/auth/associate/corp/callback?code=x&state=x").await.expect(401);
        }
        once r2_an_inactive_user("inactive user" => "401") {
            let someone = world.rig().await.host.someone(Kind::Inactive).await;
            someone.client.get("/auth/associate/corp/callback?code=x&state=x").await.expect(401);
        }
        once r3_garbage_as_the_state("garbage as `state`" => "400 `ACCESS_TOKEN_DECODE_ERROR`") {
            let someone = world.rig().await.host.someone(Kind::Unverified).await;
            let reply = someone.client.get("/auth/associate/corp/callback?code=x&state=garbage").await;
            reply.expect_detail(400, "ACCESS_TOKEN_DECODE_ERROR");
        }
        once r4_no_cookie("no cookie" => "400 `OAUTH_INVALID_STATE`") {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            back(&someone.client, &callback, None).await.expect_detail(400, "OAUTH_INVALID_STATE");
        }
        once r5_another_cookie("another cookie" => "400 `OAUTH_INVALID_STATE`") {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let other = Begun::at(&someone.client, "/auth/associate/corp/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let reply = back(&someone.client, &callback, Some(&other.cookie)).await;
            reply.expect_detail(400, "OAUTH_INVALID_STATE");
        }
        once r6_a_state_of_another_user("`state` of another user" => "400 `OAUTH_INVALID_STATE`") {
            let rig = world.rig().await;
            let (_, begun) = linking(rig).await;
            let other = rig.host.someone(Kind::Unverified).await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let reply = back(&other.client, &callback, Some(&begun.cookie)).await;
            reply.expect_detail(400, "OAUTH_INVALID_STATE");
        }
        once r7_an_active_user("active user" => "200, the user") {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let (subject, _) = person(rig);
            let callback = rig.provider.consent(&begun.url, &subject);
            let user = back(&someone.client, &callback, Some(&begun.cookie)).await.expect(200).json();
            assert_eq!(user["id"], *someone.id);
            assert_eq!(me(rig, sign_in(rig, "corp", &subject).await).await["id"], *someone.id);
        }
        once r8_a_fixed_redirect_uri("a fixed redirect URI" => "200, and the code is exchanged with that URI"; "without a verifier") {
            let rig = world.rig().await;
            let someone = rig.host.someone(Kind::Unverified).await;
            let begun = Begun::at(&someone.client, "/auth/associate/fixed/authorize").await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let callback = callback.replace("/linked?", "/auth/associate/fixed/callback?");
            back(&someone.client, &callback, Some(&begun.cookie)).await.expect(200);
        }
        once r9_no_email(
            "without `email`" => "200: the address of an account does not depend on its links";
            "400 `OAUTH_NOT_AVAILABLE_EMAIL`, although the user has an address"
        ) {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let subject = address("subject");
            rig.provider.person(&subject, json!({}));
            let callback = rig.provider.consent(&begun.url, &subject);
            back(&someone.client, &callback, Some(&begun.cookie)).await.expect(200);
        }
        once r10_an_expired_state("expired `state`" => "400 `ACCESS_TOKEN_ALREADY_EXPIRED`") {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let expired = begun.with_state(&callback, &begun.forged(SECRET, |claims| claims["exp"] = json!(1)));
            let reply = back(&someone.client, &expired, Some(&begun.cookie)).await;
            reply.expect_detail(400, "ACCESS_TOKEN_ALREADY_EXPIRED");
        }
        once r11_a_state_of_another_secret("`state` signed with another secret" => "400 `ACCESS_TOKEN_DECODE_ERROR`") {
            let rig = world.rig().await;
            let (someone, begun) = linking(rig).await;
            let callback = rig.provider.consent(&begun.url, &person(rig).0);
            let other = begun.forged("another secret, also long enough now", |_| {});
            let forged = begun.with_state(&callback, &other);
            let reply = back(&someone.client, &forged, Some(&begun.cookie)).await;
            reply.expect_detail(400, "ACCESS_TOKEN_DECODE_ERROR");
        }
    }
}
