//! What a stranger can send: one function for each kind of input. Any bytes go in; the function returns if the library has judged them as it
//! must, and panics if not. libFuzzer calls them, and an ordinary test replays their seeds.

mod shop;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use serde_json::Value;
use usermgr::{
    EmailAddress, Secret,
    password::{Argon2Params, Argon2id, PasswordHasher, Verdict},
    testing::forge,
    token::{Access, ChangeEmail, Reset, Verify},
    user::PasswordHash,
};

use shop::{SECRET, with_shop};

/// Judges an input.
pub type Target = fn(&[u8]);

/// All of them, by the names of their seeds.
pub const TARGETS: [(&str, Target); 7] = [
    ("bearer", bearer),
    ("cookie", cookie),
    ("jwt", jwt),
    ("phc", phc),
    ("email", email),
    ("form", form),
    ("json", json),
];

/// The value of an `Authorization` header is never valid, and never causes a failure.
pub fn bearer(input: &[u8]) {
    // What cannot be a header never gets there.
    let Ok(value) = HeaderValue::from_bytes(input) else { return };
    let (status, _) = with_shop(|shop| shop.ask(get("/users/me", header::AUTHORIZATION, value)));
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

/// The same of a `Cookie` header, as it is and as the value of the session cookie.
pub fn cookie(input: &[u8]) {
    for value in [input.to_vec(), [b"__Host-usermgr=", input].concat()] {
        let Ok(value) = HeaderValue::from_bytes(&value) else { return };
        let (status, _) = with_shop(|shop| shop.ask(get("/users/me", header::COOKIE, value)));
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

/// A text is not a token of any kind, and any claims with a valid signature give access only to the account they name.
pub fn jwt(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    with_shop(|shop| shop.refuses(text));
    let Ok(claims) = serde_json::from_str::<Value>(text) else { return };
    let secret = Secret::new(SECRET);
    let signed = [
        forge::<Access>(&secret, &claims).map(|token| token.expose().to_owned()),
        forge::<Verify>(&secret, &claims).map(|token| token.expose().to_owned()),
        forge::<Reset>(&secret, &claims).map(|token| token.expose().to_owned()),
        forge::<ChangeEmail>(&secret, &claims).map(|token| token.expose().to_owned()),
    ];
    for token in signed.into_iter().flatten() {
        // No input contains the stamp or the id of an account, so no input names an account.
        with_shop(|shop| shop.refuses(&token));
    }
}

/// A stored hash is checked if it can be afforded, and no hash is the password's by chance.
pub fn phc(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let hash = PasswordHash::new(text);
    let params = Argon2Params::dangerous(8, 1, 1).expect("the least there is");
    // The key of the seed `peppered`.
    let pepper = Secret::new("0123456789abcdef0123456789abcdef");
    let hasher = Argon2id::new(params).legacy_hashes(true).pepper(pepper);
    let provable = hasher.can_prove(&hash);
    if provable && !is_cheap(text) {
        return;
    }
    let verdict = with_shop(|shop| shop.wait(hasher.verify(&"correct horse battery".into(), Some(&hash))));
    match verdict.expect("a stored text does not make the hasher fail") {
        Verdict::Mismatch => assert!(provable),
        Verdict::Unusable => assert!(!provable),
        other => panic!("it was not made of this password: {other:?}"),
    }
}

/// Whether a hash is checked in some milliseconds: the bounds allow more than a fuzzer has time for.
fn is_cheap(text: &str) -> bool {
    let numbers: Vec<u32> =
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    match text.starts_with("$argon2id$v=19$m=") {
        true => matches!(numbers[..], [2, 19, m, t, p, ..] if m <= 256 && t <= 4 && p <= 4),
        false => text.get(4..6).is_some_and(|cost| cost <= "05"),
    }
}

/// An address that is accepted is one plain address, and has one canonical form.
pub fn email(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(email) = EmailAddress::parse(text) else { return };
    let (shown, canonical) = (email.as_str(), email.canonical());
    for form in [shown, canonical] {
        assert_eq!(form.matches('@').count(), 1, "one address");
        assert!(form.len() <= 254);
        assert!(!form.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>()[]\\\"".contains(c)), "{form:?}");
        let again = EmailAddress::parse(form).expect("what was accepted is accepted again");
        assert_eq!((again.canonical(), &again), (canonical, &email), "the canonical form is its own");
    }
    let json = serde_json::to_string(&email).expect("an address can be written");
    assert_eq!(serde_json::from_str::<Value>(&json).expect("and read"), Value::from(shown));
}

/// A login by a form, in parts or by JSON, never fails and never succeeds. The first byte chooses the kind of body.
pub fn form(input: &[u8]) {
    let Some((kind, body)) = input.split_first() else { return };
    let media =
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain"];
    let media = media[usize::from(*kind) % media.len()];
    let (status, text) = with_shop(|shop| shop.ask(post("/auth/bearer/login", media, body)));
    assert!(status.is_client_error(), "{status} {text}");
    serde_json::from_str::<Value>(&text).expect("every refusal is JSON");
}

/// A body of JSON to any route that reads one is judged and never fails. The first byte chooses the route.
pub fn json(input: &[u8]) {
    let Some((route, body)) = input.split_first() else { return };
    let paths = [
        "/auth/register",
        "/auth/verify",
        "/auth/reset-password",
        "/auth/forgot-password",
        "/auth/request-verify-token",
        "/auth/confirm-email-change",
        "/auth/refresh/refresh",
        "/users/me",
    ];
    let path = paths[usize::from(*route) % paths.len()];
    let mut request = post(path, "application/json", body);
    if path == "/users/me" {
        *request.method_mut() = Method::PATCH;
    }
    let (status, text) = with_shop(|shop| shop.ask_as_ada(request));
    assert!(!status.is_server_error(), "{status} {text}");
    serde_json::from_str::<Value>(&text).expect("every answer is JSON");
    assert!(!text.contains("$argon2"), "{text}");
}

fn get(path: &str, name: header::HeaderName, value: HeaderValue) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().expect("a path");
    request.headers_mut().insert(name, value);
    request
}

fn post(path: &str, media: &'static str, body: &[u8]) -> Request<Body> {
    let mut request = Request::new(Body::from(body.to_vec()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().expect("a path");
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    request
}
