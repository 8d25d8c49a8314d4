//! JSON bodies: bytes go in, a value without doubled keys comes out, or a 422 that names the place of the fault.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, json};

use super::{fault, given_twice};
use crate::http::Problem;

/// Reads a value.
pub(super) fn parse(body: &[u8]) -> Result<Value, Problem> {
    // Read twice, since serde_json alone knows how to keep a number: with its feature `arbitrary_precision`, which any crate of the
    // application may turn on, one looks to others like an object.
    match serde_json::from_slice::<Unique>(body).and_then(|Unique| serde_json::from_slice(body)) {
        Ok(value) => Ok(value),
        Err(error) if error.is_data() => Err(given_twice()),
        Err(error) => {
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            let mut entry = fault("json_invalid", json!(["body", offset(body, &error)]), "JSON decode error");
            entry["ctx"] = json!({ "error": reason });
            Err(Problem::invalid(vec![entry]))
        }
    }
}

/// The place of a syntax error, in characters from the beginning.
fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let line_start: usize =
        body.split_inclusive(|b| *b == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    // The column counts the characters up to the wrong one, and at the end none is wrong.
    let place = line_start + error.column().saturating_sub(usize::from(!error.is_eof()));
    let end = place.min(body.len());
    String::from_utf8_lossy(&body[..end]).chars().count()
}

/// That no object in a JSON text has a key twice: with the last one winning, two readers could see two requests (ASVS 5.0, 15.3.7).
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
    fn a_syntax_error_is_found_at_its_character() {
        for (body, place) in
            [("{", 1), ("{\"a\": ", 6), ("{a", 1), ("{\"\u{e9}\": x", 6), ("{\n\"a\": tru", 10), ("{\n  1", 4)]
        {
            let error = serde_json::from_str::<Value>(body).unwrap_err();
            assert_eq!(offset(body.as_bytes(), &error), place, "{body:?}: {error}");
        }
    }
}
