//! FastAPI Users' own server beside ours, with one provider for both: the same people sign in and link, and the answers are the same, but
//! for those that are listed with their reason.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use usermgr_tests::{Client, PASSWORD, Reply};

use crate::{
    browser::Browser,
    rig::{Software, World},
};

/// What differs: the step, their answer, ours, and why.
const DIFFERENCES: [(&str, &str, &str, &str); 5] = [
    (
        "the same callback again",
        "500",
        "400 detail=\"OAUTH_INVALID_STATE\"",
        "a state works once, before the code is sent",
    ),
    ("no state", "500", "400 detail=\"ACCESS_TOKEN_DECODE_ERROR\"", "the state is judged before the code is sent"),
    ("nothing", "400 detail=\"Bad Request\"", "400 detail=\"ACCESS_TOKEN_DECODE_ERROR\"", "the state is judged first"),
    ("the state of a sign-in at a link", "500", "400 detail=\"OAUTH_INVALID_STATE\"", "a state is for one purpose"),
    (
        "a link of another user's identity",
        "200 email=\"bob@example.com\" id is_active=true is_superuser=false is_verified=false",
        "400 detail=\"OAUTH_ALREADY_LINKED\"",
        "an identity belongs to one user",
    ),
];
/// What only our server tells.
const OURS: [&str; 3] = ["created_at", "expires_in", "refresh_token"];

/// What was answered, without what is random.
fn shown(reply: &Reply) -> String {
    let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
    let Value::Object(fields) = body else { return reply.status.to_string() };
    if reply.status >= 500 {
        return reply.status.to_string();
    }
    let fields = fields.iter().filter(|(name, _)| !OURS.contains(&name.as_str()));
    let field = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("id" | "access_token" | "authorization_url", _) => name.clone(),
        (_, value) => format!("{name}={value}"),
    };
    format!("{} {}", reply.status, fields.map(field).collect::<Vec<_>>().join(" "))
}

/// The answers of one of the two servers.
struct Side<'a> {
    site: &'a str,
    answers: Vec<(&'static str, String)>,
}

impl Side<'_> {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    fn note(&mut self, step: &'static str, reply: Reply) -> Reply {
        self.answers.push((step, shown(&reply)));
        reply
    }

    /// Where a browser comes back to after it has begun a sign-in, or a link with a token.
    async fn callback(&self, browser: &mut Browser, token: Option<&str>) -> String {
        let path = if token.is_some() { "/auth/associate/op/authorize" } else { "/auth/op/authorize?backend=jwt" };
        let begun = browser.ask(Method::GET, &self.url(path), with(token)).await.expect(200).json();
        let reply = browser.get(begun["authorization_url"].as_str().unwrap()).await;
        browser.arrive(reply).await
    }

    async fn sign_in(&mut self, step: &'static str, browser: &mut Browser) -> Reply {
        let callback = self.callback(browser, None).await;
        let reply = browser.get(&callback).await;
        self.note(step, reply)
    }

    async fn link(&mut self, step: &'static str, browser: &mut Browser, token: &str) {
        let callback = self.callback(browser, Some(token)).await;
        let reply = browser.ask(Method::GET, &callback, with(Some(token))).await;
        self.note(step, reply);
    }

    async fn me(&mut self, step: &'static str, token: &str) -> Value {
        let reply = Client::new(self.site).with_token(token).get("/users/me").await;
        self.note(step, reply).json()["id"].clone()
    }

    /// The whole life.
    async fn live(mut self) -> Vec<(&'static str, String)> {
        let (mut ada, mut bob) = (Browser::of("ada"), Browser::of("bob"));
        let begun = ada.get(&self.url("/auth/op/authorize?backend=jwt")).await;
        assert!(begun.header("set-cookie").is_some());
        self.note("a sign-in begins", begun);
        let first = self.sign_in("a stranger", &mut ada).await.token().to_owned();
        let again = self.sign_in("who is known", &mut ada).await.token().to_owned();
        let (first, again) = (self.me("a new account", &first).await, self.me("the same account", &again).await);
        assert_eq!(first, again);

        let refused = self.sign_in("who refuses", &mut Browser::of_a_person_who_refuses()).await;
        assert_eq!(refused.status, 400);
        let callback = self.callback(&mut ada, None).await;
        let (before, state) = callback.split_once("state=").unwrap();
        let altered = format!("{before}state=x{state}");
        let reply = ada.get(&altered).await;
        self.note("an altered state", reply);
        let callback = self.callback(&mut ada, None).await;
        let reply = Browser::of("eve").get(&callback).await;
        self.note("another browser", reply);
        let callback = self.callback(&mut ada, None).await;
        ada.get(&callback).await.expect(200);
        let reply = ada.get(&callback).await;
        self.note("the same callback again", reply);
        let reply = ada.get(&self.url("/auth/op/callback?code=x")).await;
        self.note("no state", reply);
        let reply = ada.get(&self.url("/auth/op/callback")).await;
        self.note("nothing", reply);

        let client = Client::new(self.site);
        client.register("bob@example.com", PASSWORD).await.expect(201);
        self.sign_in("an address with an account", &mut bob).await;
        let token = client.login("bob@example.com", PASSWORD).await.expect(200).token().to_owned();
        let reply = bob.get(&self.url("/auth/associate/op/authorize")).await;
        self.note("a link of no user", reply);
        let reply = bob.ask(Method::GET, &self.url("/auth/associate/op/authorize"), with(Some(&token))).await;
        self.note("a link begins", reply);
        self.link("a link", &mut bob, &token).await;
        self.link("the same link again", &mut bob, &token).await;
        let linked = self.sign_in("who is linked", &mut bob).await.token().to_owned();
        self.me("the linked account", &linked).await;
        let callback = self.callback(&mut bob, Some(&token)).await;
        let reply = bob.get(&callback).await;
        self.note("a link without its user", reply);
        let callback = self.callback(&mut bob, None).await.replace("/auth/op/", "/auth/associate/op/");
        let reply = bob.ask(Method::GET, &callback, with(Some(&token))).await;
        self.note("the state of a sign-in at a link", reply);
        self.link("a link of another user's identity", &mut ada, &token).await;
        self.answers
    }
}

/// Adds the token, if there is one.
fn with(token: Option<&str>) -> impl FnOnce(RequestBuilder) -> RequestBuilder {
    move |request| token.into_iter().fold(request, |request, token| request.bearer_auth(token))
}

#[tokio::test]
async fn every_sign_in_is_answered_as_by_fastapi_users_over_the_same_provider() {
    let Some(world) = World::of(Software::Node) else { return };
    let (_provider, _ours) = (world.provider("key"), world.server(&[]));
    let Some(_theirs) = world.fastapi_users() else { return };
    let theirs = Side { site: &world.peer, answers: Vec::new() }.live().await;
    let ours = Side { site: &world.site, answers: Vec::new() }.live().await;
    let differences: Vec<_> = theirs.iter().zip(&ours).filter(|(theirs, ours)| theirs != ours).collect();
    let listed: Vec<_> = DIFFERENCES.iter().map(|(step, theirs, ours, _)| (*step, *theirs, *ours)).collect();
    let found: Vec<_> = differences.iter().map(|(theirs, ours)| (theirs.0, &*theirs.1, &*ours.1)).collect();
    assert_eq!(found, listed, "{theirs:#?}");
    assert!(ours.len() >= 20, "{}", ours.len());
}
