//! Purpose confusion (T6): every kind of token is presented at every place that takes one. One place lets it in, and everywhere else it is
//! refused and changes nothing. Tokens of managers with another secret or another store are refused everywhere.

use axum::http::Method;
use serde_json::json;
use usermgr::{
    http::{Endpoint, Route},
    prelude::*,
    store::{SessionId, SessionLookup},
    token::{ChangeEmail, Reset, Verify},
};

use crate::{
    over_every_store,
    world::{Ask, BEARERS, GOOD, NEW, Options, TestStore, World, system},
};

const ADA: &str = "ada@example.com";

/// A token with its kind, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) kind: &'static str,
    #[expect(dead_code, reason = "shown by Debug")]
    of: &'static str,
    pub(crate) text: String,
}

/// Where a token may be presented.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the header, at a route with a guard.
    Bearer(&'static Route),
    /// In the cookie, there.
    Cookie(&'static Route),
    /// In the body.
    Body(&'static Route, &'static str),
    /// At a backend, without HTTP.
    Backend(&'static str),
}

impl Place {
    pub(crate) fn all() -> Vec<Self> {
        let routes = || Route::all();
        let mut places = Vec::new();
        for route in routes() {
            match route.endpoint {
                Endpoint::Login
                | Endpoint::Register
                | Endpoint::RequestVerify
                | Endpoint::ForgotPassword
                | Endpoint::PublicKeys => {}
                Endpoint::Verify | Endpoint::ResetPassword | Endpoint::ConfirmEmailChange => {
                    places.push(Self::Body(route, "cookie"));
                }
                Endpoint::Refresh => {
                    places.extend(BEARERS.into_iter().chain(["cookie"]).map(|at| Self::Body(route, at)))
                }
                _ => places.extend([Self::Bearer(route), Self::Cookie(route)]),
            }
        }
        places.extend(BEARERS.into_iter().chain(["cookie"]).map(Self::Backend));
        places
    }

    /// The kinds that belong here.
    pub(crate) fn admits(&self) -> &'static [&'static str] {
        match self {
            Self::Bearer(_) => &BEARERS,
            Self::Cookie(_) => &["cookie"],
            Self::Body(Route { endpoint: Endpoint::Verify, .. }, _) => &["verify"],
            Self::Body(Route { endpoint: Endpoint::ResetPassword, .. }, _) => &["reset"],
            Self::Body(Route { endpoint: Endpoint::ConfirmEmailChange, .. }, _) => &["change"],
            Self::Body(Route { endpoint: Endpoint::Refresh, .. }, "refresh") => &["renewal"],
            Self::Body(..) => &[],
            Self::Backend(name) => {
                let at = BEARERS.iter().position(|backend| backend == name);
                at.map_or(&["cookie"], |at| std::slice::from_ref(&BEARERS[at]))
            }
        }
    }

    /// Whether a token was accepted, by the status or by what was found.
    pub(crate) async fn lets_in<S: TestStore>(&self, world: &World<S>, token: &str) -> bool {
        let (route, backend) = match self {
            Self::Bearer(route) | Self::Cookie(route) => (route, "session"),
            Self::Body(route, backend) => (route, *backend),
            Self::Backend(name) => return world.accounts.identify(name, token).await.unwrap().is_some(),
        };
        let path = route.path.replace("{backend}", backend).replace("{id}", "018f0000-0000-7000-8000-000000000000");
        let ask = Ask::new(route.method.clone(), path);
        let ask = match self {
            Self::Bearer(_) => ask.bearer(token),
            Self::Cookie(_) => ask.cookie(token),
            _ => Ask { body: Some(json!({ "token": token, "refresh_token": token, "password": NEW })), ..ask },
        };
        let reply = world.ask(ask).await;
        let refused: &[u16] = match self {
            Self::Body(..) => &[400, 404, 422],
            _ => &[401],
        };
        // Behind a guard anything but 401 means that the token was believed.
        !refused.contains(&reply.status)
    }
}

/// Every token that ada can hold.
pub(crate) async fn held<S: TestStore>(world: &World<S>, of: &'static str) -> Vec<Held> {
    let mut held = Vec::new();
    let mut hold = |kind, text: String| held.push(Held { kind, of, text });
    for backend in BEARERS.into_iter().chain(["cookie"]) {
        let (token, renewal) = world.login(backend, ADA, GOOD).await.unwrap();
        hold(backend, token);
        if let Some(renewal) = renewal {
            hold("renewal", renewal);
        }
    }
    let ada = world.user(ADA).await.unwrap();
    world.request_all(&ada, "ada@example.org").await;
    hold("verify", world.token::<Verify>(ADA));
    hold("reset", world.token::<Reset>(ADA));
    hold("change", world.token::<ChangeEmail>(ADA));
    held
}

/// Texts that look like tokens, but are not.
async fn near_misses<S: TestStore>(world: &World<S>, own: &[Held]) -> Vec<Held> {
    let mut texts: Vec<String> =
        ["null", "undefined", "0", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30."].map(str::to_owned).into();
    texts.extend([43, 65].map(|length| "a".repeat(length)));
    let ada = world.user(ADA).await.unwrap();
    texts.push(ada.id.to_string());
    // What lists show and what the database holds of sessions opens nothing.
    for session in world.accounts.sessions(&ada, &system()).await.unwrap() {
        texts.push(session.id.to_string());
        let id = SessionId::new(session.id.to_string());
        let (row, _) = world.store.find_session(SessionLookup::Id(&id)).await.unwrap().unwrap();
        texts.push(row.digest.as_str().to_owned());
        texts.extend(row.rotation.map(|rotation| rotation.digest.as_str().to_owned()));
    }
    for Held { text, .. } in own {
        texts.extend([
            format!("{text}="),
            text[..text.len() - 1].to_owned(),
            format!("{text}.{text}"),
            text.to_uppercase(),
        ]);
    }
    texts.into_iter().map(|text| Held { kind: "none", of: "no account", text }).collect()
}

async fn t6_a_token_is_good_at_one_place_and_refused_at_every_other<S: TestStore>(store: S) {
    let world = World::new(store.clone());
    let ada = world.add(ADA, |_| {}).await;
    let own = held(&world, "this manager").await;
    // With other secrets over the same accounts, and with the same secret over others.
    let rekeyed = World::with(
        store,
        Options { secret: "another-secret-for-tests-0123456789", keys: "ed25519", ..Options::default() },
    );
    let elsewhere = World::new(MemoryStore::new());
    elsewhere.add(ADA, |_| {}).await;
    let mut strangers = held(&rekeyed, "another secret").await;
    // Random tokens belong to the store, whatever the secret is.
    strangers.retain(|held| !["session", "cookie", "renewal"].contains(&held.kind));
    strangers.extend(held(&elsewhere, "another store").await);
    strangers.extend(near_misses(&world, &own).await);

    let before = world.accounts.sessions(&ada, &system()).await.unwrap().len();
    let mut tried = 0;
    for place in Place::all() {
        for token in own.iter().filter(|token| !place.admits().contains(&token.kind)).chain(&strangers) {
            assert!(!place.lets_in(&world, &token.text).await, "{place:?} let {token:?} in");
            tried += 1;
        }
    }
    usermgr_tests::figure("bad inputs tried", tried);
    assert!(tried > 2_000, "{tried}");
    let now = world.user(ADA).await.unwrap();
    assert_eq!((now, world.accounts.sessions(&ada, &system()).await.unwrap().len()), (ada, before));

    // Each is unchanged: it is accepted where it belongs.
    for place in Place::all() {
        for kind in place.admits() {
            let world = World::new(MemoryStore::new());
            world.add(ADA, |_| {}).await;
            let own = held(&world, "this manager").await;
            let token = own.iter().find(|token| token.kind == *kind).unwrap();
            assert!(place.lets_in(&world, &token.text).await, "{place:?} did not let {kind} in");
        }
    }
}

/// A token in the place of another credential, or twice, is refused too.
async fn t6_no_token_is_a_password<S: TestStore>(store: S) {
    let world = World::new(store);
    world.add(ADA, |_| {}).await;
    for token in held(&world, "this manager").await {
        assert!(world.login("session", ADA, &token.text).await.is_none(), "{token:?}");
        let basic =
            Ask::new(Method::GET, "/users/me").with(axum::http::header::AUTHORIZATION, format!("Basic {}", token.text));
        assert_eq!(world.ask(basic).await.status, 401, "{token:?}");
    }
}

over_every_store!(
    t6_a_token_is_good_at_one_place_and_refused_at_every_other
    t6_no_token_is_a_password
);
