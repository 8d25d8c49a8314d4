//! A request for one of the routes, and what its handler reads from it besides the fields of the body.

use std::{fmt, net::IpAddr};

use ::http::request::Parts;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{
    Asked, Problem,
    body::{Fields, fault, flag_of},
    context,
    cookie::Discarded,
    csrf, demand_sound,
    identify::refuse_keys,
};
use crate::{
    captcha::Action,
    context::Context,
    manager::UserManager,
    session::{Backend, Principal, Transport},
    store::{ListQuery, UserStore},
    user::EmailAddress,
};

/// A request for one of the routes. Its `Debug` shows neither headers nor body, which hold passwords and tokens.
pub(crate) struct Incoming {
    /// Method, URL and headers. Hooks find them in [`Context::extensions`].
    pub(crate) parts: Parts,
    /// The value of the route's single path parameter, percent-decoded. `None` if the route has none, and if the value is not UTF-8.
    pub(crate) param: Option<String>,
    /// The whole body, at most [`MAX_BODY`](super::MAX_BODY) bytes.
    pub(crate) body: Bytes,
    /// The address at the other end of the connection, if the server knows it.
    pub(crate) ip: Option<IpAddr>,
}

impl Incoming {
    /// The context for the operation.
    pub(crate) fn into_context<S: UserStore>(self, principal: Option<&Principal<S>>) -> Context {
        context::context(self.parts, self.ip, principal)
    }

    /// The text in the path that names a row. A NUL is not found, because databases fail on it.
    pub(crate) fn path_text(&self) -> Result<&str, Problem> {
        self.param.as_deref().filter(|text| !text.contains('\0')).ok_or_else(Problem::not_found)
    }

    /// The address for which a mail is requested, and the context for the operation, if the request passes the captcha.
    pub(crate) async fn into_mail_request<M: UserManager>(
        self,
        manager: &M,
        action: Action,
    ) -> Result<(EmailAddress, Context), Problem> {
        let mut fields = Fields::embedded(&self.parts.headers, &self.body)?;
        let asked = Asked::of(manager.engine_ref(), &mut fields, action);
        let email = fields.lookup_email("email");
        let Some(email) = email else { return Err(fields.refused()) };
        fields.finish()?;
        let cx = self.into_context::<M::Store>(None);
        asked.pass(manager, &cx).await?;
        Ok((email, cx))
    }

    /// Which page of a list is requested; `read` parses the cursor.
    pub(crate) fn page_query<I>(&self, read: impl Fn(&str) -> Option<I>) -> Result<ListQuery<I>, Problem> {
        let cursor = |text: &str| read(text).ok_or("Input should be a cursor of an earlier page".into());
        let after = self.in_query("cursor", "value_error", cursor)?;
        let most = ListQuery::<I>::MAX_LIMIT;
        let number = |text: &str| {
            let number = text.parse().ok().filter(|limit| (1..=most).contains(limit));
            number.ok_or_else(|| format!("Input should be a number from 1 to {most}"))
        };
        let limit = self.in_query("limit", "value_error", number)?;
        Ok(ListQuery { after, limit: limit.unwrap_or_else(|| ListQuery::<I>::default().limit) })
    }

    /// A text of the query.
    pub(crate) fn query_text(&self, name: &str) -> Result<Option<String>, Problem> {
        let sound = |text: &str| match text.contains('\0') {
            true => Err("Input should not have a NUL character".into()),
            false => Ok(text.to_owned()),
        };
        self.in_query(name, "value_error", sound)
    }

    /// A flag of the query, in each form that FastAPI reads.
    pub(crate) fn query_flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let parsed =
            |text: &str| flag_of(text).ok_or("Input should be a valid boolean, unable to interpret input".into());
        self.in_query(name, "bool_parsing", parsed)
    }

    /// The first value of this name in the query, as it is read. 422 with the reason if it cannot be read.
    fn in_query<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Problem> {
        let query = self.parts.uri.query().unwrap_or_default();
        let pair = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
        let Some((_, value)) = pair else { return Ok(None) };
        let value = percent_decode_str(value).decode_utf8_lossy();
        read(&value).map(Some).map_err(|why| Problem::invalid(vec![fault(kind, json!(["query", name]), &why)]))
    }
}

/// The pairs of the query, decoded as a form.
#[cfg(feature = "oauth-bare")]
pub(crate) fn query_pairs(parts: &Parts) -> Result<Vec<(String, String)>, Problem> {
    super::body::form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes())
}

/// The pairs of a form, or of an object of texts.
#[cfg(feature = "oauth-bare")]
pub(crate) async fn pairs_of(request: &Incoming) -> Result<Vec<(String, String)>, Problem> {
    Ok(Fields::form(&request.parts.headers, &request.body).await?.into_texts())
}

/// 422 for a parameter of the `query`, or of a form, which is the `body`.
#[cfg(any(feature = "oauth-bare", feature = "passkeys"))]
pub(crate) fn invalid_parameter(place: &str, name: &str, message: &str) -> Problem {
    Problem::invalid(vec![fault("value_error", json!([place, name]), message)])
}

/// The backend in the path of a login. With a cookie, a forged login would log a person in to an account of the attacker.
pub(crate) fn login_backend_of<'a, M: UserManager>(
    manager: &'a M,
    request: &Incoming,
) -> Result<&'a Backend<M::Store>, Problem> {
    let engine = manager.engine_ref();
    let backend = request.param.as_deref().and_then(|name| engine.backend(name)).ok_or_else(Problem::not_found)?;
    if let Transport::Cookie(_) = backend.transport() {
        csrf::check(&request.parts, engine.allowed_origins())?;
    }
    Ok(backend)
}

/// A request that may be handled: its client is found behind trusted proxies, and the result of its credentials is kept with it.
/// Nothing is handled if the manager does not pass its check, and nothing that comes with an API key.
pub(crate) fn admitted<M: UserManager>(manager: &M, request: &mut Incoming) -> Result<Discarded, Problem> {
    request.ip = context::client(manager, &request.parts, request.ip);
    let discarded = Discarded::follow(&mut request.parts);
    demand_sound(manager)?;
    refuse_keys(manager.engine_ref(), &request.parts.headers)?;
    Ok(discarded)
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, param: _, body, ip } = self;
        f.debug_struct("Incoming")
            .field("method", &parts.method)
            .field("path", &parts.uri.path())
            .field("body", &format_args!("{} bytes", body.len()))
            .field("ip", ip)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_request_shows_no_header_query_or_body() {
        let request = ::http::Request::post("/auth/canary?token=canary-query").header("cookie", "canary-cookie");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let body = Bytes::from_static(b"password=canary-body");
        let shown = format!("{:?}", Incoming { parts, param: Some("canary-param".into()), body, ip: None });
        assert_eq!(shown, "Incoming { method: POST, path: \"/auth/canary\", body: 20 bytes, ip: None, .. }");
    }
}
