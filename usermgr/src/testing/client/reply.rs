//! A response for a test to check. Its `Debug`, which a failed assertion prints, shows no credential.

use std::{fmt, str};

use ::http::{HeaderMap, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;

/// A response.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; `Null` when it is not JSON.
    pub json: Value,
    /// The bytes of the body.
    pub bytes: Bytes,
}

impl Reply {
    pub(super) fn new(response: Response<Bytes>) -> Self {
        let (parts, bytes) = response.into_parts();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, json, bytes }
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.bytes).unwrap_or_else(|_| panic!("the body is not UTF-8: {self:?}"))
    }

    /// Returns the value of a header, the first if there are several.
    ///
    /// # Panics
    /// If it contains characters other than ASCII.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().unwrap_or_else(|_| panic!("the header `{name}` is not made of ASCII characters")))
    }

    /// Returns the value of the cookie that the response sets under this name: empty or `""` if it removes the cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = set.filter_map(|text| text.split(';').next()?.split_once('='));
        pairs.filter(|(known, _)| known.trim() == name).map(|(_, value)| value.trim()).next_back()
    }

    /// Asserts the status.
    ///
    /// ```
    /// # async fn show(client: usermgr::testing::Client) {
    /// let user = client.get("/users/me").await.expect(200).json;
    /// # let _ = user;
    /// # }
    /// ```
    ///
    /// # Panics
    /// If the status is another one. The message contains the whole response, without its tokens.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "the status is not {status}: {self:?}");
        self
    }
}

/// Shows everything except the values of cookies and of token fields.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, value)| {
            let shown = match *name {
                header::SET_COOKIE | header::AUTHORIZATION => hidden_cookie(value.as_bytes()),
                _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
            };
            format!("{name}: {shown}")
        });
        let mut reply = f.debug_struct("Reply");
        reply.field("status", &self.status.as_u16()).field("headers", &headers.collect::<Vec<_>>());
        match (&self.json, str::from_utf8(&self.bytes)) {
            (Value::Null, Ok(text)) if text.len() <= SHOWN => reply.field("text", &text),
            (Value::Null, _) => reply.field("bytes", &self.bytes.len()),
            (json, _) => reply.field("json", &format_args!("{}", hidden(json.clone()))),
        };
        reply.finish()
    }
}

/// A longer text, in bytes, is a page rather than a message.
const SHOWN: usize = 500;

/// A cookie without its value.
fn hidden_cookie(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let (name, rest) = text.split_once('=').unwrap_or_default();
    format!("{name}=..{}", rest.find(';').map_or("", |end| &rest[end..]))
}

/// Whether a field of this name holds a credential: `access_token`, `token`, `client_secret`, `password`.
fn is_credential(name: &str) -> bool {
    ["token", "secret", "password"].iter().any(|ending| name.ends_with(ending))
}

/// A body without its credentials.
fn hidden(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let hide = |(name, value): (String, Value)| {
                let value = if is_credential(&name) && value != Value::Null { "..".into() } else { hidden(value) };
                (name, value)
            };
            fields.into_iter().map(hide).collect()
        }
        Value::Array(items) => items.into_iter().map(hidden).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Reply {
        let response = Response::builder()
            .status(400)
            .header("x-request-id", "a1")
            .header("set-cookie", "sid=geheim; Path=/")
            .header("set-cookie", "lang=de");
        Reply::new(response.body(Bytes::from(body.to_owned())).unwrap())
    }

    #[test]
    fn a_failed_assertion_shows_the_answer_without_its_credentials() {
        let body = r#"{"detail": "NO", "token_type": "bearer", "access_token": "geheim", "all": [{"refresh_token": "geheim", "id": 7}]}"#;
        let shown = format!("{:?}", reply(body));
        for part in ["400", "x-request-id: a1", "sid=..; Path=/", "lang=..", "NO", "bearer", r#""id":7"#] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("geheim"), "{shown}");
        assert!(format!("{:?}", reply("no such note")).contains("no such note"));
        let panicked = std::panic::catch_unwind(|| reply(body).expect(200)).unwrap_err();
        let message = panicked.downcast_ref::<String>().unwrap();
        assert!(message.contains("not 200") && message.contains("NO") && !message.contains("geheim"), "{message}");
    }

    #[test]
    fn an_answer_is_read_as_text_as_json_and_by_its_headers() {
        let reply = reply(r#"{"id": 7}"#);
        assert_eq!((reply.text(), &reply.json["id"]), (r#"{"id": 7}"#, &Value::from(7)));
        assert_eq!((reply.header("x-request-id"), reply.header("etag")), (Some("a1"), None));
        assert_eq!((reply.cookie("sid"), reply.cookie("other")), (Some("geheim"), None));
        assert_eq!(reply.expect(400).status, 400);
    }
}
