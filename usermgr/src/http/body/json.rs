//! JSON bodies: bytes go in, and a value without duplicate keys comes out, or a 422 that names the position of the fault.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use super::{fault, given_twice};
use crate::{http::Problem, user::PRIVATE};

/// Reads a value. A byte order mark before it is ignored (RFC 8259, 8.1).
pub(in crate::http) fn parse(body: &[u8]) -> Result<Value, Problem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Read twice, since only serde_json knows how to keep a number: with its feature `arbitrary_precision`, which any crate of the
    // application may turn on, a number looks to other deserializers like an object.
    match serde_json::from_slice::<Unique>(body) {
        // With its features `arbitrary_precision` and `raw_value`, serde_json reads a value under such a key as a number or as JSON.
        // Any crate may turn them on: a value would become another one, with keys that were not compared.
        Ok(Unique) if has_private_key(body) => Err(reserved_name()),
        Ok(Unique) => serde_json::from_slice(body).map_err(|_| given_twice()),
        Err(error) if error.is_data() => Err(given_twice()),
        Err(error) => Err(Problem::invalid(vec![syntax_fault(json!(["body", offset(body, &error)]), &error)])),
    }
}

/// The entry for a text that is not JSON.
pub(super) fn syntax_fault(loc: Value, error: &serde_json::Error) -> Value {
    let mut entry = fault("json_invalid", loc, "JSON decode error");
    entry["ctx"] = json!({ "error": reason(error) });
    entry
}

/// The reason of an error, without the place in the text that a reader of text adds.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    text.truncate(text.find(" at line ").unwrap_or(text.len()));
    text
}

/// The place of a syntax error, in characters from the beginning.
fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let line_start: usize =
        body.split_inclusive(|b| *b == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    // The column counts the characters up to the wrong one; at the end of the text no character is wrong.
    let place = line_start + error.column().saturating_sub(usize::from(!error.is_eof()));
    let end = place.min(body.len());
    String::from_utf8_lossy(&body[..end]).chars().count()
}

fn reserved_name() -> Problem {
    Problem::invalid(vec![fault("value_error", json!(["body"]), "A field has a reserved name")])
}

/// Whether a key in a JSON text is one of serde_json's own. Checks the text itself, since serde_json treats such a key specially.
fn has_private_key(mut json: &[u8]) -> bool {
    while let Some(start) = json.iter().position(|b| *b == b'"') {
        let Some(length) = string_length(&json[start..]) else { return false };
        let (string, after) = json[start..].split_at(length);
        let is_key = after.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':');
        let looks_private = string.starts_with(b"\"$") || string.starts_with(b"\"\\");
        if is_key && looks_private && serde_json::from_slice(string).is_ok_and(|name: String| name.starts_with(PRIVATE))
        {
            return true;
        }
        json = after;
    }
    false
}

/// The length of the string at the beginning of a text, including its quotes.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Checks that no object in a JSON text has a key twice: if the last one won, two readers could see two requests (ASVS 5.0, 15.3.7).
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

macro_rules! scalars {
    ($($visit:ident($type:ty)),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self, E> {
            Ok(self)
        })*
    };
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("given twice"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_serde_json_reads_in_it() {
        let body = r#"{"a": 1.5e-7, "b": [{"a": true}, {"a": null}], "c": {"a": "x"}, "d": 18446744073709551615}"#;
        assert_eq!(parse(body.as_bytes()).unwrap(), serde_json::from_str::<Value>(body).unwrap());
    }

    #[test]
    fn m7_a_key_of_serde_jsons_own_is_refused_however_it_is_written() {
        for key in
            ["$serde_json::private::RawValue", "\\u0024serde_json::private::Number", "$serde_json\\u003a:private::X"]
        {
            for body in [format!(r#"{{"{key}": "1"}}"#), format!(r#"[{{"a": {{"b\"": 1, "{key}"  : 1}}}}]"#)] {
                let refused = parse(body.as_bytes()).unwrap_err().into_outgoing().body;
                assert!(String::from_utf8_lossy(&refused).contains("A field has a reserved name"), "{body}");
            }
        }
        let fine = r#"{"a": "$serde_json::private::RawValue", "b": "\"$serde_json::private::RawValue\":", "$set": 1}"#;
        assert_eq!(parse(fine.as_bytes()).unwrap()["$set"], 1);
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(parse("\u{feff}{\"a\": 1}".as_bytes()).unwrap(), json!({ "a": 1 }));
        for body in ["\u{feff}", "\u{feff}\u{feff}{}", "{\u{feff}}"] {
            assert!(parse(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn a_syntax_error_is_found_at_its_character() {
        for (body, place) in
            [("{", 1), ("{\"a\": ", 6), ("{a", 1), ("{\"\u{e9}\": x", 6), ("{\n\"a\": tru", 10), ("{\n  1", 4)]
        {
            let error = serde_json::from_str::<Value>(body).unwrap_err();
            assert_eq!(offset(body.as_bytes(), &error), place, "{body:?}: {error}");
        }
    }
}
