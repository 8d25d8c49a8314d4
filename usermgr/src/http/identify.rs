//! Who asks: the credentials of a request go in, the principal comes out.

use ::http::{HeaderMap, header};

use super::{Guard, Problem};
use crate::{
    manager::UserManager,
    operations::Operations,
    session::{Principal, Transport},
};

/// The principal of a request, or `None` if it carries no credentials or bad ones. The backends are tried in their order.
///
/// # Errors
/// A store that fails is an error, never `None`.
pub async fn identify<M: UserManager>(
    manager: &M,
    headers: &HeaderMap,
) -> Result<Option<Principal<M::Store>>, Problem> {
    let Some(token) = bearer(headers) else {
        return Ok(None);
    };
    for backend in manager.engine_ref().backends() {
        match backend.transport() {
            Transport::Bearer => {
                if let Some(principal) = manager.identify(backend.name(), token).await? {
                    return Ok(Some(principal));
                }
            }
        }
    }
    Ok(None)
}

/// The principal that one of our routes demands.
pub(super) async fn demand<M: UserManager>(
    manager: &M,
    headers: &HeaderMap,
    guard: Guard,
) -> Result<Principal<M::Store>, Problem> {
    let engine = manager.engine_ref();
    guard.on_route(engine).admit(engine, identify(manager, headers).await?)
}

/// The token of the one `Authorization` header (RFC 6750, 2.1); the scheme in any case. Two headers are none: they could name two
/// users.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_others_are_no_token() {
        assert_eq!(token(&["bEARer abc"]).as_deref(), Some("abc"));
        for none in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(token(&[none]), None, "{none:?}");
        }
    }

    #[test]
    fn s8_two_headers_are_no_token() {
        assert_eq!(token(&["Bearer abc", "Bearer def"]), None);
    }
}
