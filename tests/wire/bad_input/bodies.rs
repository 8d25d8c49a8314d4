//! Bodies that no route accepts. Every value in them carries the canary.

use axum::body::Bytes;
use serde_json::json;

/// What no answer may contain.
pub(crate) const CANARY: &str = "canary7f3a9";

/// A body for every route that reads one.
pub(crate) struct Bad {
    pub(crate) name: String,
    pub(crate) media: Option<&'static str>,
    pub(crate) bytes: Bytes,
    /// The status, where it is the same for all routes.
    pub(crate) status: Option<u16>,
    /// Whether accounts are looked up by it, although no account can have such an address: then no mail is sent, and the response does not say so.
    pub(crate) is_lookup: bool,
}

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const MULTIPART: Option<&str> = Some("multipart/form-data; boundary=x");

fn bad(name: &str, status: Option<u16>, media: Option<&'static str>, bytes: impl Into<Bytes>) -> Bad {
    Bad { name: name.to_owned(), media, bytes: bytes.into(), status, is_lookup: false }
}

/// An object in which every field that any route reads has this value, as JSON text.
fn all_fields(value: &str) -> String {
    let names = ["email", "password", "current_password", "token", "refresh_token", "username", "age", "is_active"];
    let fields: Vec<_> = names.iter().map(|name| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

pub(crate) fn bad_bodies() -> Vec<Bad> {
    let mut all = vec![
        bad("no body", Some(422), JSON, ""),
        bad("no body and no type", Some(422), None, ""),
        bad("a 1 MiB password", Some(413), JSON, all_fields(&json!(CANARY.repeat(95_326)).to_string())),
        bad("a body of one byte too much", Some(413), JSON, format!("{{}}{}", " ".repeat(64 * 1024 - 1))),
        bad("nested 100,000 deep", Some(413), JSON, nested(100_000)),
        bad("nested 30,000 deep", Some(422), JSON, nested(30_000)),
        bad("nested 129 deep", Some(422), JSON, nested(129)),
        bad("invalid UTF-8", Some(422), JSON, [all_fields("\"canary7f3a9\"").as_bytes(), b"\xff"].concat()),
        bad("invalid UTF-8 in a string", Some(422), JSON, b"{\"email\":\"canary7f3a9\xff\xfe\"}".to_vec()),
        bad("a lone surrogate", Some(422), JSON, all_fields("\"canary7f3a9\\ud800\"")),
        bad("UTF-16", Some(422), JSON, "{}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        bad("two byte order marks", Some(422), JSON, "\u{feff}\u{feff}{}"),
        bad("a byte order mark alone", Some(422), JSON, "\u{feff}"),
        bad(
            "a field of serde_json's own",
            Some(422),
            JSON,
            "{\"$serde_json::private::RawValue\":\"{\\\"email\\\":\\\"canary7f3a9\\\"}\"}",
        ),
        bad("a NUL byte", Some(422), JSON, all_fields("\"canary7f3a9\0\"")),
        bad("an escaped NUL", None, JSON, all_fields("\"canary7f3a9\\u0000@example.com\"")),
        bad("a field twice", Some(422), JSON, "{\"email\":\"canary7f3a9@example.com\",\"email\":\"b@example.com\"}"),
        bad("an unknown field twice", Some(422), JSON, "{\"x\":\"canary7f3a9\",\"x\":1}"),
        bad("a field twice inside", Some(422), JSON, "{\"x\":[{\"y\":\"canary7f3a9\",\"y\":1}]}"),
        bad(
            "a field twice, once escaped",
            Some(422),
            JSON,
            "{\"email\":\"canary7f3a9\",\"\\u0065mail\":\"b@example.com\"}",
        ),
        bad("a huge number", Some(422), JSON, all_fields(&"9".repeat(400))),
        bad("a huge exponent", Some(422), JSON, all_fields("1e999999999")),
        bad("HTML", Some(422), JSON, "<p>canary7f3a9</p>"),
        bad("plain text", Some(415), Some("text/plain"), all_fields("\"canary7f3a9\"")),
        bad("no type", Some(415), None, all_fields("\"canary7f3a9\"")),
        bad("XML", Some(415), Some("application/xml"), "<a>canary7f3a9</a>"),
        bad("an invalid type", Some(415), Some(";;;"), all_fields("\"canary7f3a9\"")),
        bad("a type almost JSON", Some(415), Some("application/jsonp"), all_fields("\"canary7f3a9\"")),
        // 415 where JSON is wanted; where a form is, it is at fault itself.
        bad("a form", None, FORM, "email=canary7f3a9&password="),
        bad("a form with a field twice", None, FORM, "username=canary7f3a9&username=b&password=c"),
        bad("a form that is not UTF-8", None, FORM, "username=canary7f3a9%ff&password=x"),
        bad("a form that is not UTF-8 in bytes", None, FORM, b"username=canary7f3a9\xff&password=x".to_vec()),
        bad("a form with a NUL", None, FORM, "username=canary7f3a9%00&password=x"),
        bad("a form without an equals sign", None, FORM, "canary7f3a9"),
        bad("a multipart form without a boundary", None, Some("multipart/form-data"), "--x\r\ncanary7f3a9"),
        bad(
            "a multipart form that breaks off",
            None,
            MULTIPART,
            "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\ncanary",
        ),
        bad("a multipart form with a part without a name", None, MULTIPART, "--x\r\n\r\ncanary7f3a9\r\n--x--\r\n"),
        bad("a multipart form that is text", None, MULTIPART, "canary7f3a9"),
    ];
    for broken in [
        "{",
        "{\"email\":\"canary7f3a9",
        "{\"email\":}",
        "{'email':'canary7f3a9'}",
        "nul",
        "{} canary7f3a9",
        "{,}",
        "[1,]",
    ] {
        all.push(bad(&format!("broken JSON {broken}"), Some(422), JSON, broken));
    }
    for value in ["[]", "[{}]", "\"canary7f3a9\"", "1", "null", "true"] {
        all.push(bad(&format!("no object but {value}"), Some(422), JSON, value));
    }
    for value in ["1", "-1", "1.5", "true", "[]", "[\"canary7f3a9\"]", "{}", "{\"canary7f3a9\":1}", "null"] {
        all.push(bad(&format!("fields of type {value}"), Some(422), JSON, all_fields(value)));
    }
    for (text, is_lookup) in [
        ("", false),
        (" ", false),
        ("canary7f3a9", false),
        ("canary7f3a9@", false),
        ("@canary7f3a9", false),
        ("a@b@canary7f3a9.com", true),
        ("canary7f3a9@localhost", true),
        ("a,canary7f3a9@example.com", true),
    ] {
        let body = bad(&format!("fields with the text {text:?}"), None, JSON, all_fields(&json!(text).to_string()));
        all.push(Bad { is_lookup, ..body });
    }
    all
}

fn nested(depth: usize) -> String {
    format!("{{\"canary7f3a9\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
}
