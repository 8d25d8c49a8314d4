//! Form bodies: bytes go in, names with values come out, or a 422.

use std::convert::Infallible;

use ::http::{HeaderMap, header};
use bytes::Bytes;
use percent_encoding::percent_decode;
use serde_json::json;

use super::fault;
use crate::http::Problem;

/// A URL-encoded form (WHATWG URL, 5.1), refused if it is not UTF-8: a replaced character would make two passwords equal.
pub(crate) fn urlencoded(body: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
        percent_decode(&spaced).decode_utf8().map(|text| text.into_owned()).map_err(|_| not_utf8())
    };
    body.split(|b| *b == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn not_utf8() -> Problem {
    Problem::invalid(vec![fault("value_error", json!(["body"]), "Input should be UTF-8")])
}

pub(super) async fn multipart(headers: &HeaderMap, body: &Bytes) -> Result<Vec<(String, String)>, Problem> {
    let broken =
        || Problem::invalid(vec![fault("value_error", json!(["body"]), "Input is not a valid multipart form")]);
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).ok_or_else(broken)?;
    let boundary = multer::parse_boundary(content_type).map_err(|_| broken())?;
    let body = body.clone();
    let stream = futures_util::stream::once(async move { Ok::<_, Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
        let name = part.name().ok_or_else(broken)?.to_owned();
        let value = part.bytes().await.map_err(|_| broken())?;
        pairs.push((name, String::from_utf8(value.into()).map_err(|_| not_utf8())?));
    }
    Ok(pairs)
}
