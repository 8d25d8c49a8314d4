//! Authentication: the credentials of a request go in, and the principals come out.

use ::http::{HeaderMap, HeaderValue, Method, header, request::Parts};

use super::{Guard, Problem, cookie::Discarded, csrf, demand_sound, trace};
use crate::{
    carrier::Carrier,
    engine::Engine,
    error::Code,
    login,
    manager::UserManager,
    session::{Backend, Principal, Transport},
    store::UserStore,
};

/// The principal of a request, or `None` if it carries no valid credentials. A token is tried with each backend of its
/// transport, in their order.
///
/// If several credentials are valid, they must belong to one user, or the result is `None`: if one of them were ignored, two readers of a
/// request could see two users (ASVS 5.0, 15.3.7). Invalid credentials are ignored: an ended session that a browser has kept must not lock
/// out a user who has logged in since.
///
/// # Errors
/// 403 for a request that relies on a cookie and may be forged. If the store fails, 503, never `None`. If the manager does not pass its
/// [`check`](crate::Operations::check), 500.
pub async fn identify<M: UserManager>(manager: &M, parts: &Parts) -> Result<Option<Principal<M::Store>>, Problem> {
    Ok(recognize(manager, parts).await?.agreed().into_iter().next())
}

/// The principal that one of the library's routes requires.
pub(crate) async fn demand<M: UserManager>(
    manager: &M,
    parts: &Parts,
    guard: Guard,
) -> Result<Principal<M::Store>, Problem> {
    let principal = guard.admit(manager.engine_ref(), identify(manager, parts).await?)?;
    trace::note_user(&principal.user().id);
    Ok(principal)
}

/// The result of a request's credentials.
pub(crate) struct Recognized<S: UserStore> {
    /// One for each valid credential.
    pub(crate) principals: Vec<Principal<S>>,
    /// The `Set-Cookie` values that remove the invalid cookies.
    pub(super) discarded: Vec<String>,
}

impl<S: UserStore> Recognized<S> {
    /// The principals, if all belong to one user.
    pub(crate) fn agreed(self) -> Vec<Principal<S>> {
        let first = self.principals.first().map(|principal| &principal.user().id);
        match self.principals.iter().all(|principal| Some(&principal.user().id) == first) {
            true => self.principals,
            false => Vec::new(),
        }
    }
}

/// Reads all credentials of a request. The cookies to remove are also noted for its response.
pub(crate) async fn recognize<M: UserManager>(manager: &M, parts: &Parts) -> Result<Recognized<M::Store>, Problem> {
    demand_sound(manager)?;
    refuse_keys(manager.engine_ref(), &parts.headers)?;
    recognize_sessions(manager, parts).await
}

/// The sessions of a request, which may have an API key beside them.
pub(super) async fn recognize_sessions<M: UserManager>(
    manager: &M,
    parts: &Parts,
) -> Result<Recognized<M::Store>, Problem> {
    let engine = manager.engine_ref();
    let mut recognized = Recognized { principals: Vec::new(), discarded: Vec::new() };
    let mut by_cookie = false;
    for carrier in carriers(engine.backends()) {
        let presented = presented(carrier, &parts.headers);
        let known = recognized.principals.len();
        let is_key = |token: &&str| carrier == Carrier::Bearer && is_key(engine, token);
        for token in readable(&presented).filter(|token| !is_key(token)) {
            recognized.principals.extend(owner(manager, parts, carrier, token).await?);
        }
        let good = recognized.principals.len() > known;
        by_cookie |= good && matches!(carrier, Carrier::Cookie(_));
        if !good && !presented.is_empty() {
            recognized.discarded.extend(clearing(carrier, engine.backends()));
        }
    }
    Discarded::note(parts, &recognized.discarded);
    if by_cookie {
        csrf::check(parts, engine.allowed_origins())?;
    }
    Ok(recognized)
}

/// The principal of one token, by the first backend of its carrier that knows it. A request that only reads may get a cached principal.
/// A request that may change something asks the store.
async fn owner<M: UserManager>(
    manager: &M,
    parts: &Parts,
    carrier: Carrier<'_>,
    token: &str,
) -> Result<Option<Principal<M::Store>>, Problem> {
    let engine = manager.engine_ref();
    let place = match parts.method {
        Method::GET | Method::HEAD if csrf::only_reads(parts) => engine.cache().place(carrier, token, engine.now()),
        _ => None,
    };
    if let Some(principal) = place.as_ref().and_then(|place| place.get()) {
        return Ok(Some(principal));
    }
    for backend in engine.backends().iter().filter(|backend| backend.transport().carrier() == carrier) {
        if let Some(principal) = login::identify(manager, backend.name(), token).await? {
            if let Some(place) = place {
                place.keep(&principal, &principal.user().id, principal.cacheable_until);
            }
            return Ok(Some(principal));
        }
    }
    Ok(None)
}

/// Refuses a request with an API key. The library's own routes accept none, and of its extractors only
/// [`Requires`](super::Requires) does. The key is not looked up: it is refused whether or not it is good.
pub(super) fn refuse_keys<S: UserStore>(engine: &Engine<S>, headers: &HeaderMap) -> Result<(), Problem> {
    if keys(engine, headers).is_empty() { Ok(()) } else { Err(Problem::code(Code::ApiKeyNotAccepted)) }
}

/// The API keys of a request, each once. They are in the `Authorization` header and nowhere else.
pub(super) fn keys<'a, S: UserStore>(engine: &Engine<S>, headers: &'a HeaderMap) -> Vec<&'a str> {
    // Without the part, nothing is read.
    if engine.keyring().is_none() {
        return Vec::new();
    }
    let tokens = bearer(headers);
    tokens.iter().filter_map(|token| std::str::from_utf8(token).ok()).filter(|token| is_key(engine, token)).collect()
}

fn is_key<S: UserStore>(engine: &Engine<S>, token: &str) -> bool {
    engine.keyring().is_some_and(|keyring| keyring.is_key(token))
}

/// The values that a carrier contains, each once.
fn presented<'a>(carrier: Carrier<'_>, headers: &'a HeaderMap) -> Vec<&'a [u8]> {
    match carrier {
        Carrier::Bearer => bearer(headers),
        Carrier::Cookie(name) => cookie(headers, name),
        Carrier::Header(name) => own_header(headers, name),
    }
}

/// The values that remove the cookie of a carrier, with the attributes of every backend that sets it.
fn clearing<'a, S>(carrier: Carrier<'a>, backends: &'a [Backend<S>]) -> impl Iterator<Item = String> {
    backends.iter().filter_map(move |backend| match backend.transport() {
        Transport::Cookie(cookie) if backend.transport().carrier() == carrier => Some(cookie.clear()),
        _ => None,
    })
}

/// The carriers of an engine, each once.
fn carriers<S>(backends: &[Backend<S>]) -> impl Iterator<Item = Carrier<'_>> {
    backends.iter().enumerate().filter_map(move |(at, backend)| {
        let own = backend.transport().carrier();
        (!backends[..at].iter().any(|earlier| earlier.transport().carrier() == own)).then_some(own)
    })
}

/// The values that can be tokens. A browser may have a cookie of one name for several paths and domains. If a request has more of them than
/// a browser would send, none is looked up.
fn readable<'a>(presented: &[&'a [u8]]) -> impl Iterator<Item = &'a str> {
    const MOST: usize = 8;
    let believed = if presented.len() > MOST { &[] } else { presented };
    believed.iter().filter(|value| value.is_ascii()).filter_map(|value| std::str::from_utf8(value).ok())
}

/// The tokens of the `Authorization` header (RFC 6750, 2.1). The scheme is not case-sensitive, and other schemes have no tokens.
fn bearer(headers: &HeaderMap) -> Vec<&[u8]> {
    let values = headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let tokens = values.filter_map(|value| split(value, b' ')).filter_map(|(scheme, token)| {
        let token = token.trim_ascii();
        (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
    });
    each_once(tokens)
}

/// The values of a header whose whole value is a token.
fn own_header<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    let values = headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii());
    each_once(values.filter(|value| !value.is_empty()))
}

/// The values of a cookie (RFC 6265, 5.4), whatever bytes other cookies contain. An empty value does not count: a browser may keep a removed
/// cookie in this form.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    let lines = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs =
        lines.flat_map(|line| line.split(|byte| *byte == b';')).filter_map(|pair| split(pair.trim_ascii(), b'='));
    let values = pairs.filter(|(key, _)| *key == name.as_bytes()).map(|(_, value)| unquoted(value));
    each_once(values.filter(|value| !value.is_empty()))
}

/// The values of a cookie as texts.
#[cfg(any(feature = "oauth-bare", feature = "pages"))]
pub(crate) fn cookies(headers: &HeaderMap, name: &str) -> Vec<String> {
    readable(&cookie(headers, name)).map(str::to_owned).collect()
}

/// The parts before and after the first of these bytes.
fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}

fn unquoted(mut value: &[u8]) -> &[u8] {
    while let [b'"', rest @ ..] | [rest @ .., b'"'] = value {
        value = rest;
    }
    value
}

fn each_once<'a>(values: impl Iterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
    values.fold(Vec::new(), |mut known, value| {
        if !known.contains(&value) {
            known.push(value);
        }
        known
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    fn token(values: &[&str]) -> Vec<String> {
        let headers = headers(header::AUTHORIZATION, values);
        readable(&bearer(&headers)).map(str::to_owned).collect()
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_others_are_no_token() {
        assert_eq!(token(&["bEARer abc"]), ["abc"]);
        for none in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(token(&[none]), [""; 0], "{none:?}");
        }
    }

    #[test]
    fn s8_every_token_of_one_carrier_is_looked_at_and_each_once() {
        assert_eq!(token(&["Bearer abc", "Bearer def", "Bearer abc"]), ["abc", "def"]);
        for doubled in [&["a=1; a=2"][..], &["a=1", "a=2"], &["a=1; b=2; a=1; a=2"]] {
            assert_eq!(cookie(&headers(header::COOKIE, doubled), "a"), [b"1", b"2"], "{doubled:?}");
        }
        let many: Vec<_> = (0..9).map(|number| format!("a={number}")).collect();
        let many = headers(header::COOKIE, &[&many.join("; ")]);
        assert_eq!(cookie(&many, "a").len(), 9);
        assert_eq!(readable(&cookie(&many, "a")).count(), 0, "more tokens than a browser would send are not looked up");
    }

    #[test]
    fn s14_a_cookie_is_found_among_others_whatever_they_are_made_of() {
        for (values, expected) in [
            (&["b=2; a=1; ab=3"][..], Some("1")),
            (&["b=2", "a=1"], Some("1")),
            (&["a=\"1\""], Some("1")),
            (&["a="], None),
            (&["a=\"\""], None),
            (&["A=1"], None),
            (&["ba=1"], None),
            (&[""], None),
        ] {
            let map = headers(header::COOKIE, values);
            let found = cookie(&map, "a");
            assert_eq!(found, expected.map(str::as_bytes).into_iter().collect::<Vec<_>>(), "{values:?}");
        }
        for byte in 0x80..=0xff {
            let foreign = [b"city=", &[byte][..], b"; a=1; b=", &[byte]].concat();
            let map = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&foreign).unwrap())]);
            assert_eq!(cookie(&map, "a"), [b"1"], "{byte:#x}");
            // In the library's own cookie it is an invalid token, and must be present to be removed.
            let own = HeaderValue::from_bytes(&[b"a=1", &[byte][..]].concat()).unwrap();
            let map = HeaderMap::from_iter([(header::COOKIE, own)]);
            assert_eq!((cookie(&map, "a").len(), readable(&cookie(&map, "a")).count()), (1, 0), "{byte:#x}");
        }
    }
}
