//! Faults at sign-ins through a provider (X8): each request is made with its first, its second, .. its last call of the store failing. A
//! failure is 503 and never a refusal; an account and its identity are written together or not at all; and a new sign-in works afterwards.
//! And purpose confusion (T6): the states and codes of sign-ins in every place that takes a token, and every token in their places.

use axum::http::{Method, header};
use serde_json::json;
use usermgr::{
    http::{Endpoint, Route},
    prelude::*,
    store::Identity,
    testing::FakeProvider,
};

use crate::{
    faults::{ADA, BOB, PLANS, Seed, state},
    over_every_store,
    purposes::{Place, held},
    world::{APP, APP_URI, Ask, Options, Reply, TestStore, World, system},
};

/// A verifier with its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A request, which may need a beginning without faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A stranger, who gets an account.
    Registers,
    /// An identity that is linked.
    Known,
    /// The same for an application.
    KnownToApp,
    /// An address whose account has never verified it.
    Claims,
    BeginsLink,
    BeginsLinkByForm,
    Links,
    Lists,
    Unlinks,
    Exchanges,
    Native,
}

use Step::*;

/// Each with its endpoint, and what is answered when nothing fails.
const STEPS: [(Step, Endpoint, u16); 11] = [
    (Registers, Endpoint::OAuthCallback, 200),
    (Known, Endpoint::OAuthCallback, 200),
    (KnownToApp, Endpoint::OAuthCallback, 303),
    (Claims, Endpoint::OAuthCallback, 200),
    (BeginsLink, Endpoint::AuthorizeAssociation, 200),
    (BeginsLinkByForm, Endpoint::StartAssociation, 303),
    (Links, Endpoint::AssociationCallback, 200),
    (Lists, Endpoint::ListIdentities, 200),
    (Unlinks, Endpoint::UnlinkIdentity, 204),
    (Exchanges, Endpoint::ExchangeOAuthCode, 200),
    (Native, Endpoint::NativeOAuth, 200),
];

/// Requests that are answered without the store.
const WITHOUT_STORE: [Endpoint; 7] = [
    Endpoint::ListProviders,
    Endpoint::AuthorizeOAuth,
    Endpoint::StartOAuth,
    Endpoint::StartAppOAuth,
    Endpoint::OAuthCallbackForm,
    Endpoint::AssociationCallbackForm,
    Endpoint::OAuthNonce,
];

struct Rig<S: TestStore> {
    world: World<S>,
    corp: FakeProvider,
    seed: Seed,
}

impl<S: TestStore> Rig<S> {
    async fn new(store: S) -> Self {
        let clock = usermgr::testing::FakeClock::start();
        let corp = FakeProvider::with_clock("https://id.corp.example", clock.clone());
        for (subject, email) in [("ada", ADA), ("bob", BOB), ("zoe", "zoe@example.com")] {
            corp.person(subject, json!({ "email": email, "email_verified": true }));
        }
        let options = Options { provider: Some(corp.clone()), clock: Some(clock), ..Options::default() };
        let world = World::with(store, options);
        let seed = Seed::sow(&world).await;
        let now = world.accounts.engine.now();
        let identity = Identity::new("corp", "ada").email(ADA).to_credential(seed.ada.id, now);
        let mut tx = world.store.begin().await.unwrap();
        world.store.insert_credential(&mut tx, &identity).await.unwrap();
        world.store.commit(tx).await.unwrap();
        Self { world, corp, seed }
    }

    /// Begins a flow: the path of the callback, with the cookie of the browser.
    async fn begun(&self, ask: Ask, subject: &str) -> Ask {
        let reply = self.world.ask(ask).await;
        let url = reply.json()["authorization_url"].as_str().map(str::to_owned);
        let url = url.unwrap_or_else(|| reply.headers["location"].to_str().unwrap().to_owned());
        let cookie = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Ask::new(Method::GET, self.corp.consent(&url, subject)).with(header::COOKIE, cookie)
    }

    async fn begun_by_app(&self, subject: &str) -> Ask {
        let path = format!("/auth/corp/start?backend=session&return_to={APP_URI}&code_challenge={CHALLENGE}");
        self.begun(Ask::new(Method::GET, path), subject).await
    }

    /// What comes before the request, and the request.
    async fn prepared(&self, step: Step) -> Ask {
        let authorize = || Ask::new(Method::GET, "/auth/corp/authorize?backend=session");
        let link = || self.seed.me(Method::GET, "/auth/associate/corp/authorize");
        match step {
            Registers => self.begun(authorize(), "zoe").await,
            Known => self.begun(authorize(), "ada").await,
            Claims => self.begun(authorize(), "bob").await,
            KnownToApp => self.begun_by_app("ada").await,
            BeginsLink => link(),
            BeginsLinkByForm => Ask {
                body: Some(json!({ "backend": "cookie" })),
                ..self.seed.me(Method::POST, "/auth/associate/corp/start")
            },
            Links => self.begun(link(), "zoe").await.bearer(self.seed.token("session")),
            Lists => self.seed.me(Method::GET, "/users/me/identities"),
            Unlinks => {
                let listed = self.world.ask(self.seed.me(Method::GET, "/users/me/identities")).await.json();
                let id = listed[0]["id"].as_str().unwrap_or("none").to_owned();
                self.seed.me(Method::DELETE, &format!("/users/me/identities/{id}"))
            }
            Exchanges => {
                let callback = self.begun_by_app("ada").await;
                let back = self.world.ask(callback).await;
                let code = back.headers["location"].to_str().unwrap().split_once("?code=").unwrap().1.to_owned();
                Ask::post("/auth/session/exchange", json!({ "code": code, "code_verifier": VERIFIER }))
            }
            Native => {
                let given = self.world.ask(Ask::post("/auth/corp/nonce", json!({}))).await.json();
                let id_token = self.corp.sign_in_on_device("ada", APP, given["nonce"].as_str().unwrap());
                Ask::post("/auth/session/native", json!({ "state": given["state"], "id_token": id_token }))
            }
        }
    }

    async fn ask(&self, ask: Ask) -> Reply {
        let reply = self.world.ask(ask).await;
        self.world.settle().await;
        reply
    }

    /// The accounts with their identities, without how many sessions they have: an account stays if its session fails.
    async fn accounts(&self) -> String {
        let state = state(&self.world, &self.seed).await;
        let mut words: String =
            state.lines().map(|line| line.rsplit_once(", ").map_or(line, |(line, _)| line).to_owned() + "\n").collect();
        for email in [ADA, BOB, "zoe@example.com"] {
            let Some(user) = self.world.user(email).await else { continue };
            let identities = self.world.accounts.identities(&user, &system()).await.unwrap();
            words += &format!(
                "{email}: {:?}\n",
                identities.iter().map(|identity| &identity.subject).collect::<std::collections::BTreeSet<_>>()
            );
        }
        words
    }
}

/// The status of a redirect that ends with an error.
fn status(reply: &Reply) -> u16 {
    match reply.headers.get("location").and_then(|location| location.to_str().ok()?.split_once("?error=")) {
        Some((_, "server_error")) => 503,
        Some((_, code)) => panic!("{code}"),
        None => reply.status,
    }
}

async fn x8_no_fault_of_the_store_is_a_refusal_or_halves_a_sign_in<S: TestStore>(store: S) {
    // Each try has accounts of its own, and the store is as new.
    let fresh = async || {
        let root = usermgr::store::ListQuery::default().limit(200);
        for listed in store.list(&root).await.unwrap() {
            let id = listed.into_user().unwrap().id;
            let mut tx = store.begin().await.unwrap();
            store.delete(&mut tx, &id).await.unwrap();
            store.commit(tx).await.unwrap();
        }
        Rig::new(store.clone()).await
    };
    let (mut injected, mut acknowledged) = (0, 0);
    for (step, _, expected) in STEPS {
        let rig = fresh().await;
        let (before, ask) = (rig.accounts().await, rig.prepared(step).await);
        rig.world.faults.heal();
        assert_eq!(rig.ask(ask).await.status, expected, "{step:?}");
        let (calls, after) = (rig.world.faults.calls(), rig.accounts().await);
        for (plan, apply) in PLANS {
            for n in 1..=calls {
                let what = format!("{step:?}, failing {plan} call {n} of {calls}");
                let rig = fresh().await;
                let ask = rig.prepared(step).await;
                apply(&rig.world.faults, n);
                let status = status(&rig.ask(ask).await);
                let hit = rig.world.faults.injected();
                assert!(hit > 0, "{what}: nothing failed");
                injected += hit as u64;
                rig.world.faults.heal();
                let now = rig.accounts().await;
                match status {
                    503 => assert!(now == before || now == after, "{what}: between\n{before}\n{now}\n{after}"),
                    status if status == expected => {
                        acknowledged += 1;
                        assert_eq!(now, after, "{what}: acknowledged and lost");
                    }
                    status => panic!("{what}: answered {status}"),
                }
                // Begun again, it works.
                let again = rig.ask(rig.prepared(step).await).await.status;
                let is_done = step == Unlinks && now == after;
                assert_eq!(again, if is_done { 404 } else { expected }, "{what}: then");
                assert_eq!(rig.accounts().await, after, "{what}: asked again");
            }
        }
    }
    assert!(acknowledged > 0, "some failures, such as that of a note, stop nothing");
    usermgr_tests::figure("faults injected", injected);
}

/// Where a token of a sign-in may be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Callback,
    LinkCallback,
    Exchange,
    Native,
}

impl<S: TestStore> Rig<S> {
    /// Presents a token with everything else that belongs there.
    async fn lets_in(&self, door: Door, token: &str, cookie: &str, id_token: &str) -> bool {
        let callback = |path: &str| {
            let path = format!("{path}?code=x&state={token}");
            Ask::new(Method::GET, path).with(header::COOKIE, cookie)
        };
        let ask = match door {
            Door::Callback => callback("/auth/corp/callback"),
            Door::LinkCallback => callback("/auth/associate/corp/callback").bearer(self.seed.token("session")),
            Door::Exchange => Ask::post("/auth/session/exchange", json!({ "code": token, "code_verifier": VERIFIER })),
            Door::Native => Ask::post("/auth/session/native", json!({ "state": token, "id_token": id_token })),
        };
        let reply = self.ask(ask).await;
        // A state that is believed is used up, and then the code is refused.
        reply.status < 400 || reply.json()["detail"] == "OAUTH_REFUSED"
    }

    /// A token of each kind of a sign-in, with its door, and with the cookie and the ID token that belong to it.
    async fn own(&self, door: Door) -> (String, String, String) {
        let state_of = |path: &str| path.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let flow = async |ask: Ask| {
            let begun = self.begun(ask, "zoe").await;
            let cookie = begun.headers.iter().find(|(name, _)| name == header::COOKIE).unwrap().1.clone();
            (state_of(&begun.path), cookie, String::new())
        };
        match door {
            Door::Callback => flow(Ask::new(Method::GET, "/auth/corp/authorize?backend=session")).await,
            Door::LinkCallback => flow(self.seed.me(Method::GET, "/auth/associate/corp/authorize")).await,
            Door::Exchange => {
                let ask = self.prepared(Exchanges).await;
                (ask.body.unwrap()["code"].as_str().unwrap().to_owned(), String::new(), String::new())
            }
            Door::Native => {
                let body = self.prepared(Native).await.body.unwrap();
                let [state, id_token] = ["state", "id_token"].map(|name| body[name].as_str().unwrap().to_owned());
                (state, String::new(), id_token)
            }
        }
    }
}

async fn t6_no_token_of_a_sign_in_is_good_for_anything_else<S: TestStore>(store: S) {
    let rig = Rig::new(store).await;
    let doors = [Door::Callback, Door::LinkCallback, Door::Exchange, Door::Native];
    let others = held(&rig.world, "this manager").await;
    let mut tried = 0;
    for (at, door) in doors.into_iter().enumerate() {
        let (token, cookie, id_token) = rig.own(door).await;
        for place in Place::all() {
            assert!(!place.lets_in(&rig.world, &token).await, "{place:?} let the token of {door:?} in");
            tried += 1;
        }
        // In another door, with the cookie and the ID token of that door or of its own.
        for other in doors.into_iter().filter(|other| *other != door) {
            let (_, others_cookie, others_id_token) = rig.own(other).await;
            for (cookie, id_token) in [(&cookie, &id_token), (&others_cookie, &others_id_token)] {
                assert!(!rig.lets_in(other, &token, cookie, id_token).await, "{other:?} let the token of {door:?} in");
                tried += 1;
            }
        }
        for held in &others {
            assert!(!rig.lets_in(door, &held.text, &cookie, &id_token).await, "{door:?} let {held:?} in");
            tried += 1;
        }
        // It is unchanged, and good in its own.
        let (token, cookie, id_token) = rig.own(doors[at]).await;
        assert!(rig.lets_in(door, &token, &cookie, &id_token).await, "{door:?}");
        assert!(!rig.lets_in(door, &token, &cookie, &id_token).await, "{door:?}, again");
    }
    usermgr_tests::figure("bad inputs tried", tried);
    assert!(tried > 200, "{tried}");
}

over_every_store! {
    x8_no_fault_of_the_store_is_a_refusal_or_halves_a_sign_in
    t6_no_token_of_a_sign_in_is_good_for_anything_else
}

#[test]
fn every_endpoint_of_providers_has_its_faults() {
    // Faults of the others are tried in the library.
    let others = [Endpoint::RequestLogin, Endpoint::LoginByMail, Endpoint::ListLogins, Endpoint::ListUserLogins];
    let elsewhere = |route: &Route| {
        let path = route.path;
        let of_factors = ["/factors", "/second-factor", "/login/pending", "/step-up", "/recovery-codes", "/passkey"];
        path.starts_with("/outbox/")
            || path.contains("invitation")
            || path.contains("/api-keys")
            || path.ends_with("/impersonate")
            || others.contains(&route.endpoint)
            || of_factors.iter().any(|part| path.contains(part))
    };
    for Route { endpoint, path, .. } in Route::of_parts().filter(|route| !elsewhere(route)) {
        let has = STEPS.iter().any(|(_, row, _)| row == endpoint) || WITHOUT_STORE.contains(endpoint);
        assert!(has, "{path}");
    }
}
