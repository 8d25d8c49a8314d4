//! Who asks: the credentials of a request go in, the principals come out.

#[cfg(feature = "cache")]
use ::http::Method;
use ::http::{HeaderMap, header, request::Parts};

use super::{Guard, Problem, csrf};
#[cfg(feature = "cache")]
use crate::cache::Place;
use crate::{
    manager::UserManager,
    operations::Operations,
    session::{Backend, Principal, Transport},
};

/// The principal of a request, or `None` if it carries no credentials or bad ones. A token is tried with each backend of its
/// transport, in their order.
///
/// Several credentials must all be good and name one user: with one of them ignored, two readers of a request could see two users
/// (ASVS 5.0, 15.3.7).
///
/// # Errors
/// 403 for a request that relies on a cookie and may be forged. A store that fails is 503, never `None`.
pub async fn identify<M: UserManager>(manager: &M, parts: &Parts) -> Result<Option<Principal<M::Store>>, Problem> {
    Ok(credentials(manager, parts).await?.into_iter().next())
}

/// The principal that one of our routes demands.
pub(super) async fn demand<M: UserManager>(
    manager: &M,
    parts: &Parts,
    guard: Guard,
) -> Result<Principal<M::Store>, Problem> {
    let engine = manager.engine_ref();
    guard.on_route(engine).admit(engine, identify(manager, parts).await?)
}

/// The principal of one of our routes that demands a login made just now.
pub(super) async fn demand_fresh<M: UserManager>(manager: &M, parts: &Parts) -> Result<Principal<M::Store>, Problem> {
    let principal = demand(manager, parts, Guard::Active).await?;
    Guard::Fresh.admit(manager.engine_ref(), Some(principal))
}

/// The principals of all credentials, which name one user; none if one is bad.
pub(super) async fn credentials<M: UserManager>(
    manager: &M,
    parts: &Parts,
) -> Result<Vec<Principal<M::Store>>, Problem> {
    let engine = manager.engine_ref();
    let backends = engine.backends();
    let Ok(presented) = presented(backends, &parts.headers) else {
        return Ok(Vec::new());
    };
    let mut principals: Vec<Principal<M::Store>> = Vec::new();
    for Presented { carrier, token } in &presented {
        match owner(manager, parts, *carrier, token).await? {
            Some(principal) if principals.iter().all(|other| other.user().id == principal.user().id) => {
                principals.push(principal)
            }
            _ => return Ok(Vec::new()),
        }
    }
    if presented.iter().any(|credential| matches!(credential.carrier, Carrier::Cookie(_))) && !principals.is_empty() {
        csrf::check(parts, engine.allowed_origins())?;
    }
    Ok(principals)
}

/// The principal of one token, by the first backend of its carrier that knows it. A request that only reads may get the one of a moment
/// ago; whatever may change something asks the store.
#[cfg_attr(not(feature = "cache"), expect(unused_variables, reason = "every request asks the store"))]
async fn owner<M: UserManager>(
    manager: &M,
    parts: &Parts,
    carrier: Carrier<'_>,
    token: &str,
) -> Result<Option<Principal<M::Store>>, Problem> {
    let engine = manager.engine_ref();
    #[cfg(feature = "cache")]
    let place = match parts.method {
        Method::GET | Method::HEAD => engine.cache().place(carrier.cookie(), token, engine.now()),
        _ => None,
    };
    #[cfg(feature = "cache")]
    if let Some(principal) = place.as_ref().and_then(Place::get) {
        return Ok(Some(principal));
    }
    for backend in engine.backends().iter().filter(|backend| Carrier::of(backend.transport()) == carrier) {
        if let Some(principal) = manager.identify(backend.name(), token).await? {
            #[cfg(feature = "cache")]
            if let Some(place) = place {
                place.keep(&principal);
            }
            return Ok(Some(principal));
        }
    }
    Ok(None)
}

/// A credential as it came in.
struct Presented<'a> {
    carrier: Carrier<'a>,
    token: &'a str,
}

/// What carries a token. Backends with the same one share its tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carrier<'a> {
    Bearer,
    Cookie(&'a str),
}

impl<'a> Carrier<'a> {
    fn of(transport: &'a Transport) -> Self {
        match transport {
            Transport::Bearer => Self::Bearer,
            Transport::Cookie(options) => Self::Cookie(options.cookie_name()),
        }
    }

    /// The name of the cookie, if it is one.
    #[cfg(feature = "cache")]
    fn cookie(self) -> Option<&'a str> {
        match self {
            Self::Bearer => None,
            Self::Cookie(name) => Some(name),
        }
    }
}

/// One carrier had two tokens.
struct Doubled;

/// One credential for each carrier that a backend reads and the request has.
fn presented<'a, S>(backends: &'a [Backend<S>], headers: &'a HeaderMap) -> Result<Vec<Presented<'a>>, Doubled> {
    let mut presented = Vec::new();
    for (at, backend) in backends.iter().enumerate() {
        let carrier = Carrier::of(backend.transport());
        if backends[..at].iter().any(|earlier| Carrier::of(earlier.transport()) == carrier) {
            continue;
        }
        let token = match carrier {
            Carrier::Bearer => bearer(headers)?,
            Carrier::Cookie(name) => cookie(headers, name)?,
        };
        presented.extend(token.map(|token| Presented { carrier, token }));
    }
    Ok(presented)
}

/// The token of the `Authorization` header (RFC 6750, 2.1); the scheme in any case, and other schemes are no token.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Doubled> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next(), values.next()) else {
        return Err(Doubled);
    };
    let parts = value.and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(' '));
    Ok(parts
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty()))
}

/// The value of a cookie (RFC 6265, 5.4). An empty one is none: that is how a browser may keep one that was taken away.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Doubled> {
    let pairs =
        headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut values =
        pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name).map(|(_, value)| value);
    let (value, None) = (values.next(), values.next()) else {
        return Err(Doubled);
    };
    Ok(value.map(|value| value.trim_matches('"')).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    fn token(values: &[&str]) -> Option<String> {
        bearer(&headers(header::AUTHORIZATION, values)).ok().flatten().map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_others_are_no_token() {
        assert_eq!(token(&["bEARer abc"]).as_deref(), Some("abc"));
        for none in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(token(&[none]), None, "{none:?}");
        }
    }

    #[test]
    fn s8_one_carrier_with_two_tokens_is_refused() {
        assert!(bearer(&headers(header::AUTHORIZATION, &["Bearer abc", "Bearer def"])).is_err());
        for doubled in [&["a=1; a=2"][..], &["a=1", "a=2"], &["a=1; b=2; a=1"]] {
            assert!(cookie(&headers(header::COOKIE, doubled), "a").is_err(), "{doubled:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        for (values, expected) in [
            (&["b=2; a=1; ab=3"][..], Some("1")),
            (&["b=2", "a=1"], Some("1")),
            (&["a=\"1\""], Some("1")),
            (&["a="], None),
            (&["A=1"], None),
            (&["ba=1"], None),
            (&[""], None),
        ] {
            assert_eq!(cookie(&headers(header::COOKIE, values), "a").ok().flatten(), expected, "{values:?}");
        }
    }
}
