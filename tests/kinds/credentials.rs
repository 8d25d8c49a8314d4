//! Every credential that a user of one kind can hold, each with the request in which it is good there.

use axum::http::{Method, header};
use serde_json::{Value, json};
use usermgr::{
    prelude::*,
    store::{Identity, NewCredential},
    testing::FakeAuthenticator,
    token::{ChangeEmail, Invitation, MagicLink, MailCode, Reset, Verify},
    user::AdminUpdate,
};

use crate::rig::{ADA, APP_URI, Ask, BADGE, GOOD, Kind, KindStore, NEW, ORIGIN, Shop, system};

/// A user with a badge as a second factor, one with a passkey, and one who is invited.
const FAY: &str = "fay@example.com";
const PAM: &str = "pam@example.com";
const IVY: &str = "ivy@example.com";
/// A verifier with its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The names of all credentials.
pub(crate) const NAMES: [&str; 18] = [
    "session",
    "cookie",
    "jwt",
    "keys",
    "revocable",
    "refresh",
    "renewal",
    "verify",
    "reset",
    "change",
    "link",
    "code",
    "invitation",
    "pending",
    "passkey",
    "api key",
    "state",
    "app code",
];

/// A credential, and the request in which it is good.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) text: String,
    pub(crate) good: Ask,
}

impl Held {
    /// A text that is almost the same, and was never given to anyone.
    pub(crate) fn unknown(&self) -> String {
        let at = self.text.len() - 5.min(self.text.len());
        let other = match self.text.as_bytes()[at] {
            b'7' => "8",
            byte if byte.is_ascii_digit() => "7",
            b'x' => "y",
            _ => "x",
        };
        format!("{}{other}{}", &self.text[..at], &self.text[at + 1..])
    }
}

/// The users of both kinds, with the same ids, addresses, passwords and factors: what one of them holds differs from what the other holds
/// in nothing but the kind.
pub(crate) async fn people<S: KindStore>(shop: &Shop<S>) -> FakeAuthenticator {
    let mut phone = FakeAuthenticator::new(ORIGIN);
    for kind in &shop.kinds {
        let ada = kind.add(ADA, |new| new.verified(true)).await;
        let fay = kind.add(FAY, |new| new.verified(true)).await;
        let pam = kind.add(PAM, |new| new.verified(true)).await;
        assert_eq!((ada.id, fay.id, pam.id), (1, 2, 3));
        kind.give_badge(&fay).await;
        let ivy = EmailAddress::parse(IVY).unwrap();
        kind.accounts.invite(&Admin::system("test"), ivy, NoProfile, &system()).await.unwrap();
        kind.settle().await;
        kind.insert(&Identity::new("corp", "ada").email(ADA).to_credential(ada.id, shop.now())).await;
    }
    // The passkey of pam of the staff, which the customer of this name has too.
    let [staff, customers] = &shop.kinds;
    let login = staff.accounts.login(Credentials::new(PAM, GOOD), "session", &system()).await.unwrap();
    let me = |path: &str, body| Ask::post(path.to_owned(), body).bearer(login.token.expose());
    let begun = shop.ask(staff.root, &me("/users/me/factors/passkeys", json!({}))).await.json();
    let answer = json!({ "pending_token": begun["pending_token"], "credential": phone.create(&begun["options"]) });
    assert_eq!(shop.ask(staff.root, &me("/users/me/factors/passkeys/confirm", answer)).await.status, 200);
    for passkey in staff.store.credentials(&3, shop.now()).await.unwrap() {
        let mut copy = NewCredential::new(3, passkey.kind, passkey.data, passkey.created_at);
        copy.lookup = passkey.lookup;
        customers.insert(&copy).await;
    }
    phone
}

/// Gives a user of a kind one credential.
pub(crate) async fn held<S: KindStore>(
    shop: &Shop<S>,
    at: usize,
    name: &'static str,
    phone: &mut FakeAuthenticator,
) -> Held {
    let kind = &shop.kinds[at];
    let (accounts, cx) = (&kind.accounts, system());
    let me = |token: &str| Ask::get("/users/me").bearer(token);
    let ada = accounts.get_by_email(&EmailAddress::for_lookup(ADA)).await.unwrap().unwrap();
    let (text, good) = match name {
        "session" | "jwt" | "keys" | "revocable" | "refresh" | "renewal" | "cookie" => {
            let backend = if name == "renewal" { "refresh" } else { name };
            let login = accounts.login(Credentials::new(ADA, GOOD), backend, &cx).await.unwrap();
            let token = login.token.expose().to_owned();
            match name {
                "renewal" => {
                    let renewal = login.refresh.unwrap().expose().to_owned();
                    let good = Ask::post("/auth/refresh/refresh", json!({ "refresh_token": renewal }));
                    (renewal, good)
                }
                "cookie" => {
                    let good = Ask::get("/users/me").with(header::COOKIE, format!("{}={token}", cookie_name(shop, at)));
                    (token, good)
                }
                _ => (token.clone(), me(&token)),
            }
        }
        "verify" => {
            // Of both kinds, so that a token of one would have something to verify in the other.
            for kind in &shop.kinds {
                let unverified = AdminUpdate::default().verified(false);
                kind.accounts.update_user(&Admin::system("test"), &1, unverified, &cx).await.unwrap();
            }
            let ada = accounts.get(&1).await.unwrap().unwrap();
            accounts.request_verify(&ada, &cx).await.unwrap();
            kind.settle().await;
            let token = kind.token::<Verify>(ADA);
            (token.clone(), Ask::post("/auth/verify", json!({ "token": token })))
        }
        "reset" => {
            accounts.forgot_password(&ada, &cx).await.unwrap();
            kind.settle().await;
            let token = kind.token::<Reset>(ADA);
            (token.clone(), Ask::post("/auth/reset-password", json!({ "token": token, "password": NEW })))
        }
        "change" => {
            let new = EmailAddress::parse("ada@example.org").unwrap();
            accounts.request_email_change(&ada, &new, &cx).await.unwrap();
            kind.settle().await;
            let token = kind.token::<ChangeEmail>(ADA);
            (token.clone(), Ask::post("/auth/confirm-email-change", json!({ "token": token })))
        }
        "link" | "code" => {
            let request = accounts.request_login(&EmailAddress::for_lookup(ADA), &cx).await.unwrap();
            kind.settle().await;
            let (link, code) = (kind.token::<MagicLink>(ADA), kind.token::<MailCode>(ADA));
            match name {
                "link" => (link.clone(), Ask::post("/auth/session/login/mail", json!({ "token": link }))),
                _ => {
                    let body = json!({ "request": request.expose(), "code": code });
                    (code, Ask::post("/auth/session/login/mail", body))
                }
            }
        }
        "invitation" => {
            let token = kind.token::<Invitation>(IVY);
            (token.clone(), Ask::post("/auth/accept-invitation", json!({ "token": token, "password": NEW })))
        }
        "pending" => {
            let body = json!({ "username": FAY, "password": GOOD });
            let reply = shop.ask(kind.root, &Ask::post("/auth/session/login", body)).await.json();
            let token = text(&reply["detail"]["pending_token"]);
            let body = json!({ "pending_token": token, "factor": BADGE.as_str(), "answer": "1815" });
            (token, Ask::post("/auth/session/login/second-factor", body))
        }
        "passkey" => {
            let begun = shop.ask(kind.root, &Ask::post("/auth/session/login/passkey-options", json!({}))).await.json();
            let credential = phone.get(&begun["options"]).expect("the phone has a passkey");
            let token = text(&begun["pending_token"]);
            let body = json!({ "pending_token": token, "credential": credential });
            (token, Ask::post("/auth/session/login/passkey", body))
        }
        "api key" => {
            let key = key_of(kind).await;
            (key.clone(), Ask::get("/orders").bearer(&key))
        }
        "state" => {
            let callback = begun(shop, at, "/auth/corp/authorize?backend=session").await;
            let state = callback.path.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            (state, callback)
        }
        "app code" => {
            let path = format!("/auth/corp/start?backend=session&return_to={APP_URI}&code_challenge={CHALLENGE}");
            let callback = begun(shop, at, &path).await;
            let back = shop.ask(kind.root, &callback).await;
            let code = back.location[0].split_once("?code=").unwrap().1.to_owned();
            let body = json!({ "code": code, "code_verifier": VERIFIER });
            (code, Ask::post("/auth/session/exchange", body))
        }
        _ => unreachable!("{name}"),
    };
    Held { text, good }
}

/// A new API key of ada.
pub(crate) async fn key_of<S: KindStore>(kind: &Kind<S>) -> String {
    let (accounts, cx) = (&kind.accounts, system());
    let login = accounts.login(Credentials::new(ADA, GOOD), "session", &cx).await.unwrap();
    let principal = accounts.identify("session", login.token.expose()).await.unwrap().unwrap();
    let created = accounts.create_api_key(&principal, NewApiKey::new(["orders:read"]), &cx).await.unwrap();
    created.key.expose().to_owned()
}

/// The name of the cookie of a kind.
pub(crate) fn cookie_name<S: KindStore>(shop: &Shop<S>, at: usize) -> String {
    let engine = &shop.kinds[at].accounts.engine;
    match engine.backend("cookie").unwrap().transport() {
        usermgr::session::Transport::Cookie(cookie) => cookie.cookie_name().to_owned(),
        other => unreachable!("{other:?}"),
    }
}

/// Begins a sign-in at the provider. Returns the request of its callback, with the cookie of the browser.
async fn begun<S: KindStore>(shop: &Shop<S>, at: usize, path: &str) -> Ask {
    let root = shop.kinds[at].root;
    let reply = shop.ask(root, &Ask::get(path)).await;
    let url = reply.location.first().cloned().unwrap_or_else(|| text(&reply.json()["authorization_url"]));
    let cookie = reply.cookies[0].split(';').next().unwrap().to_owned();
    let path = shop.corp.consent(&url, "ada");
    let path = path.strip_prefix(root).expect("the callback is below the path of its kind").to_owned();
    Ask::new(Method::GET, path).with(header::COOKIE, cookie)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text")).to_owned()
}
