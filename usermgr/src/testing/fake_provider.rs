//! A provider in the process of the test: it discovers, signs, rotates its keys, refreshes and revokes tokens, fails and
//! lies on request.

mod grants;
mod tokens;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ::http::{Method, Request, Response, StatusCode, header};
use async_trait::async_trait;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use grants::{Grants, Pair};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::keys;
use crate::{
    clock::{Clock, SystemClock},
    oauth::{ClientSecret, HttpClient, HttpError, OAuth2, Provider},
    token::provider::SELECTED,
};

const CLIENT_ID: &str = "a client";
const CLIENT_SECRET: &str = "a client's secret: 100%";

/// A provider of OpenID Connect without a network, as an [`HttpClient`]. A test says who exists, and what is wrong.
///
/// It demands PKCE and the client's secret, takes a code once, and revokes tokens. Clones are the same provider.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "axum")] {
/// use serde_json::json;
/// use usermgr::{oauth::OAuth, prelude::*, testing::{Client, FakeProvider}};
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// let corp = FakeProvider::new("https://id.corp.example");
/// corp.person("ada", json!({ "email": "ada@example.com", "email_verified": true }));
/// let oauth = OAuth::at("https://shop.example").provider(corp.provider("corp")).client(corp.clone());
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()).with(oauth)? };
/// let client = Client::new(usermgr::axum::router(accounts)?);
///
/// let begun = client.get("/auth/corp/authorize").await.expect(200);
/// let callback = corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
/// client.callback(&callback).await.expect(200);
/// assert_eq!(client.get("/users/me").await.json["email"], "ada@example.com");
/// # }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct FakeProvider(Arc<Inner>);

struct Inner {
    issuer: String,
    clock: Box<dyn Clock>,
    state: Mutex<State>,
}

/// Changes the header and the claims of an ID token.
type Alter = Box<dyn Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync>;

#[derive(Default)]
struct State {
    people: HashMap<String, Map<String, Value>>,
    codes: HashMap<String, Code>,
    grants: Grants,
    /// How long each answer takes.
    pause: Option<Duration>,
    key: usize,
    made: u64,
    alter: Option<Alter>,
    metadata: Map<String, Value>,
    failing: HashMap<String, FakeFailure>,
    calls: Vec<String>,
    address_in_userinfo: bool,
}

struct Code {
    subject: String,
    nonce: Option<String>,
    challenge: Option<String>,
    redirect_uri: String,
}

/// How a call of a [`FakeProvider`] fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FakeFailure {
    /// There is no answer in time.
    Mute,
    /// The answer has this status and this body.
    Answer(u16, String),
}

impl FakeProvider {
    /// Creates a provider without accounts.
    pub fn new(issuer: &str) -> Self {
        Self::with_clock(issuer, SystemClock)
    }

    /// Creates a provider with the clock of the test.
    pub fn with_clock(issuer: &str, clock: impl Clock) -> Self {
        let issuer = issuer.to_owned();
        Self(Arc::new(Inner { issuer, clock: Box::new(clock), state: Mutex::default() }))
    }

    /// The provider for [`OAuth::provider`](crate::oauth::OAuth::provider), with a client that it knows.
    pub fn provider(&self, name: &'static str) -> Provider {
        Provider::oidc(name, &self.0.issuer, CLIENT_ID, ClientSecret::new(CLIENT_SECRET))
    }

    /// The same as a provider of OAuth 2.0, which has no ID tokens.
    pub fn oauth2(&self, name: &'static str) -> Provider {
        let issuer = &self.0.issuer;
        let endpoints = OAuth2::new(format!("{issuer}/authorize"), format!("{issuer}/token"))
            .revocation(format!("{issuer}/revoke"))
            .profile(format!("{issuer}/userinfo"))
            .subject("/sub")
            .email("/email")
            .verified("/email_verified");
        Provider::oauth2(name, endpoints, CLIENT_ID, ClientSecret::new(CLIENT_SECRET))
    }

    /// Adds an account, or replaces it: its id, and the claims about it.
    ///
    /// # Panics
    /// If the claims are not an object.
    pub fn person(&self, subject: &str, claims: Value) {
        let Value::Object(claims) = claims else { panic!("the claims of a person are an object") };
        self.state().people.insert(subject.to_owned(), claims);
    }

    /// The person logs in at the provider and agrees: takes the URL to which a browser was sent, and returns the path and
    /// the query of the callback.
    ///
    /// # Panics
    /// If the URL is not one of this provider, or the person is unknown.
    pub fn consent(&self, authorization_url: &str, subject: &str) -> String {
        let query = self.query(authorization_url);
        let text = |name: &str| query.get(name).cloned();
        let redirect_uri = text("redirect_uri").unwrap_or_default();
        let mut state = self.state();
        assert!(state.people.contains_key(subject), "no one is `{subject}` at the provider");
        state.made += 1;
        let code = format!("code-{}", state.made);
        let (nonce, challenge) = (text("nonce"), text("code_challenge"));
        let granted = Code { subject: subject.to_owned(), nonce, challenge, redirect_uri: redirect_uri.clone() };
        state.codes.insert(code.clone(), granted);
        drop(state);
        let back = text("state").unwrap_or_default();
        let issuer = percent_encoding::utf8_percent_encode(&self.0.issuer, percent_encoding::NON_ALPHANUMERIC);
        format!("{}?code={code}&state={back}&iss={issuer}", path_of(&redirect_uri))
    }

    /// The person says no: returns the path and the query of the callback.
    ///
    /// # Panics
    /// If the URL is not one of this provider.
    pub fn deny(&self, authorization_url: &str) -> String {
        let query = self.query(authorization_url);
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        format!(
            "{}?error=access_denied&error_description=%3Cscript%3E&state={}",
            path_of(&text("redirect_uri")),
            text("state")
        )
    }

    /// The person signs in on a device: returns the ID token that the operating system gives to an application, for this
    /// client and with this nonce.
    ///
    /// # Panics
    /// If the person is unknown.
    pub fn sign_in_on_device(&self, subject: &str, client_id: &str, nonce: &str) -> String {
        let state = self.state();
        let token = self.id_token(&state, subject, client_id, Some(nonce.to_owned()), None);
        token.unwrap_or_else(|| panic!("no one is `{subject}` at the provider"))
    }

    /// Signs with another key from now on, and publishes only that one.
    pub fn rotate_keys(&self) {
        self.state().key += 1;
    }

    /// Changes the header and the claims of each ID token before it is signed.
    pub fn alter_id_tokens(
        &self,
        alter: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static,
    ) {
        self.state().alter = Some(Box::new(alter));
    }

    /// Changes a value of the metadata.
    pub fn publish(&self, name: &str, value: impl Into<Value>) {
        self.state().metadata.insert(name.to_owned(), value.into());
    }

    /// Reports addresses by user info alone, as some providers do.
    pub fn address_in_userinfo(&self) {
        self.state().address_in_userinfo = true;
    }

    /// Lets each answer take this long.
    pub fn answer_after(&self, pause: Duration) {
        self.state().pause = Some(pause);
    }

    /// Lets the calls of a path fail: `/token`, `/keys`, `/userinfo`, `/revoke` or `/.well-known/openid-configuration`.
    pub fn fail(&self, path: &str, failure: FakeFailure) {
        self.state().failing.insert(path.to_owned(), failure);
    }

    /// Lets no call fail any more.
    pub fn heal(&self) {
        self.state().failing.clear();
    }

    /// Returns the paths that were called so far.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn query(&self, url: &str) -> HashMap<String, String> {
        let query = url.strip_prefix(&format!("{}/authorize?", self.0.issuer));
        let query = query.unwrap_or_else(|| panic!("`{url}` does not lead to {}", self.0.issuer));
        pairs(query)
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<(StatusCode, Value), FakeFailure> {
        let uri = request.uri().to_string();
        let path = uri.strip_prefix(&self.0.issuer).unwrap_or_default().to_owned();
        let mut state = self.state();
        state.calls.push(path.clone());
        if let Some(failure) = state.failing.get(&path) {
            return Err(failure.clone());
        }
        Ok(match (request.method(), path.as_str()) {
            (&Method::GET, "/.well-known/openid-configuration") => (StatusCode::OK, self.metadata(&state)),
            (&Method::GET, "/keys") => (StatusCode::OK, json!({ "keys": [jwk(state.key)] })),
            (&Method::POST, "/token" | "/revoke") if !is_our_client(request) => {
                (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_client" }))
            }
            (&Method::POST, "/token") => match self.exchange(&mut state, request) {
                Some(tokens) => (StatusCode::OK, tokens),
                None => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
            },
            (&Method::POST, "/revoke") => {
                state.grants.revoke(form(request).get("token").map_or("", String::as_str));
                (StatusCode::OK, Value::Null)
            }
            (&Method::GET, "/userinfo") => {
                let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
                let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
                match state.grants.subject(token, self.now()) {
                    Some(subject) => {
                        let mut claims = state.people.get(subject).cloned().unwrap_or_default();
                        claims.entry("sub").or_insert_with(|| subject.into());
                        (StatusCode::OK, Value::Object(claims))
                    }
                    None => (StatusCode::UNAUTHORIZED, Value::Null),
                }
            }
            _ => (StatusCode::NOT_FOUND, Value::Null),
        })
    }

    fn metadata(&self, state: &State) -> Value {
        let issuer = &self.0.issuer;
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "jwks_uri": format!("{issuer}/keys"),
            "authorization_response_iss_parameter_supported": true,
        });
        for (name, value) in &state.metadata {
            document[name] = value.clone();
        }
        document
    }

    /// The tokens for a refresh token, or for a code, if verifier and redirect URI are right.
    fn exchange(&self, state: &mut State, request: &Request<Bytes>) -> Option<Value> {
        let (fields, now) = (form(request), self.now());
        if fields.get("grant_type").map(String::as_str) == Some("refresh_token") {
            let token = fields.get("refresh_token").map_or("", String::as_str);
            return Some(answer(state.grants.refresh(token, now)?, None));
        }
        let code = state.codes.remove(fields.get("code")?)?;
        let verifier = fields.get("code_verifier")?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let fits =
            code.challenge.as_ref() == Some(&challenge) && fields.get("redirect_uri") == Some(&code.redirect_uri);
        if !fits || verifier.len() < 43 {
            return None;
        }
        let pair = state.grants.begin(&code.subject, now);
        let id_token = self.id_token(state, &code.subject, CLIENT_ID, code.nonce, Some(&pair.access))?;
        Some(answer(pair, Some(id_token)))
    }

    /// The ID token of a person, bound to an access token if one comes with it. `None` for an unknown person.
    fn id_token(
        &self,
        state: &State,
        subject: &str,
        client_id: &str,
        nonce: Option<String>,
        access_token: Option<&str>,
    ) -> Option<String> {
        let now = self.now().as_second();
        let hash = access_token.map(|token| URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]));
        let claims = json!({
            "iss": self.0.issuer, "aud": client_id, "sub": subject, "iat": now, "exp": now + 300,
            "at_hash": hash, "nonce": nonce,
        });
        let Value::Object(mut claims) = claims else { return None };
        claims.retain(|_, value| !value.is_null());
        for (name, value) in state.people.get(subject)? {
            if !(state.address_in_userinfo && name.starts_with("email")) {
                claims.insert(name.clone(), value.clone());
            }
        }
        let mut header =
            Map::from_iter([("alg".to_owned(), json!("ES256")), ("kid".to_owned(), json!(kid(state.key)))]);
        if let Some(alter) = &state.alter {
            alter(&mut header, &mut claims);
        }
        Some(sign(state.key, &Value::Object(header), &Value::Object(claims)))
    }
}

/// The answer of the token endpoint.
fn answer(pair: Pair, id_token: Option<String>) -> Value {
    let Pair { access, refresh, seconds } = pair;
    let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": seconds });
    for (name, value) in [("refresh_token", refresh), ("id_token", id_token)] {
        if let Some(value) = value {
            answer[name] = value.into();
        }
    }
    answer
}

/// Whether a request carries the client's secret, in its header or its body.
fn is_our_client(request: &Request<Bytes>) -> bool {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%20", "+")
    };
    let expected = STANDARD.encode(format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET)));
    let by_header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    by_header == Some(&format!("Basic {expected}"))
        || form(request).get("client_secret").map(String::as_str) == Some(CLIENT_SECRET)
}

/// The fields of a request.
fn form(request: &Request<Bytes>) -> HashMap<String, String> {
    pairs(std::str::from_utf8(request.body()).unwrap_or_default())
}

#[async_trait]
impl HttpClient for FakeProvider {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let pause = self.state().pause;
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        let (status, body) = match self.answer(&request) {
            Ok((status, body)) => (status, body.to_string()),
            Err(FakeFailure::Answer(status, body)) => (StatusCode::from_u16(status).unwrap_or_default(), body),
            Err(FakeFailure::Mute) => return Err(HttpError::TimedOut),
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        Ok(response)
    }
}

impl fmt::Debug for FakeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FakeProvider").field(&self.0.issuer).finish()
    }
}

fn kid(number: usize) -> String {
    format!("key-{number}")
}

/// The public half of a key (RFC 7517).
pub(crate) fn jwk(number: usize) -> Value {
    let components = (SELECTED.key_utils.ec_pub_components_from_private_key)(&keys::der(number), Algorithm::ES256);
    let (_, x, y) = components.unwrap_or_else(|error| panic!("the key of the fake provider: {error}"));
    let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid(number), "x": x, "y": y })
}

/// A token with this header and these claims, signed with ES256 whatever the header says.
pub(crate) fn sign(number: usize, header: &Value, claims: &Value) -> String {
    sign_text(number, &header.to_string(), &claims.to_string())
}

pub(crate) fn sign_text(number: usize, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signer = (SELECTED.signer_factory)(&Algorithm::ES256, &EncodingKey::from_ec_der(&keys::der(number)));
    let signature = signer.ok().and_then(|signer| signer.try_sign(message.as_bytes()).ok()).unwrap_or_default();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn pairs(query: &str) -> HashMap<String, String> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// The path of a URL.
fn path_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or("/", |at| &url[host + at..])
}
