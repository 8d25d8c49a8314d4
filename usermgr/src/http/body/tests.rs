//! The 422 shapes, and that no entry repeats what was sent.

use ::http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::*;

#[derive(Debug, Deserialize)]
struct Customer {
    name: String,
    #[expect(dead_code, reason = "only read by serde")]
    age: Option<u8>,
}

fn headers(media: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media))])
}

fn fields(body: &str) -> Result<Fields, Problem> {
    Fields::json(&headers("application/json"), &Bytes::copy_from_slice(body.as_bytes()))
}

fn detail(problem: Problem) -> Value {
    serde_json::from_slice::<Value>(&problem.into_outgoing().body).unwrap()["detail"].take()
}

fn form(media: &'static str, body: &'static [u8]) -> Result<Fields, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Fields::form(&headers(media), &Bytes::from_static(body)))
}

#[test]
fn every_fixed_field_at_fault_has_its_entry() {
    let mut fields = fields(r#"{"email": "nobody", "is_active": []}"#).unwrap();
    assert!(
        fields.email("email", &EmailRules::new()).is_none()
            && fields.password("password").is_none()
            && fields.optional_flag("is_active").is_none()
    );
    assert_eq!(
        detail(fields.refused()),
        json!([
            { "type": "value_error", "loc": ["body", "email"], "ctx": { "reason": "an address needs an @-sign" },
              "msg": "value is not a valid email address: an address needs an @-sign" },
            { "type": "missing", "loc": ["body", "password"], "msg": "Field required" },
            { "type": "bool_type", "loc": ["body", "is_active"], "msg": "Input should be a valid boolean" },
        ])
    );
}

#[test]
fn m3_a_flag_is_what_pydantic_reads_as_one() {
    let read = |text: &str| {
        let mut fields = fields(&format!(r#"{{"is_active": {text}}}"#)).unwrap();
        match fields.optional_flag("is_active") {
            Some(flag) => Ok(flag),
            None => Err(detail(fields.refused())[0]["type"].as_str().unwrap().to_owned()),
        }
    };
    for text in ["true", "1", "1.0", "\"true\"", "\"TRUE\"", "\"t\"", "\"yes\"", "\"Y\"", "\"on\"", "\"1\""] {
        assert_eq!(read(text), Ok(true), "{text}");
    }
    for text in ["false", "0", "0.0", "-0.0", "\"False\"", "\"f\"", "\"no\"", "\"n\"", "\"OFF\"", "\"0\""] {
        assert_eq!(read(text), Ok(false), "{text}");
    }
    for text in ["2", "-1", "2.0", "\"\"", "\" 1\"", "\"1.0\"", "\"maybe\""] {
        assert_eq!(read(text), Err("bool_parsing".to_owned()), "{text}");
    }
    for text in ["null", "[]", "{}", "1.5", "1e300", "1000000000000000000000000000000"] {
        assert_eq!(read(text), Err("bool_type".to_owned()), "{text}");
    }
}

#[test]
fn embedded_fields_are_missing_from_whatever_is_no_object() {
    for body in ["", "null", "[]", "\"x\"", "{}"] {
        let mut fields =
            Fields::embedded(&headers("application/json"), &Bytes::copy_from_slice(body.as_bytes())).unwrap();
        assert!(fields.text("token").is_none());
        assert_eq!(detail(fields.refused())[0]["loc"], json!(["body", "token"]), "{body}");
    }
}

#[test]
fn broken_json_is_told_with_its_place() {
    let entry = &detail(fields("{\"\u{e9}\": 1,\n oops}").err().unwrap())[0];
    assert_eq!((&entry["type"], &entry["loc"]), (&json!("json_invalid"), &json!(["body", 10])));
    assert_eq!(detail(fields("[]").err().unwrap())[0]["type"], "model_attributes_type");
    assert_eq!(
        detail(fields("").err().unwrap()),
        json!([{ "type": "missing", "loc": ["body"], "msg": "Field required" }])
    );
    assert!(fields(&"[".repeat(100_000)).is_err());
}

#[test]
fn m3_a_doubled_key_is_refused_at_every_depth() {
    for body in [r#"{"a": 1, "a": 2}"#, r#"{"a": {"b": 1, "b": 1}}"#, r#"{"a": [{"b": 1, "\u0062": 2}]}"#] {
        assert_eq!(detail(fields(body).err().unwrap())[0]["msg"], "A field is given twice", "{body}");
    }
    assert!(form("application/x-www-form-urlencoded", b"a=1&a=2").is_err());
}

#[test]
fn a_profile_reports_its_first_fault_with_its_path() {
    for (body, kind, loc, message) in [
        (r#"{"email": 1}"#, "missing", json!(["body", "name"]), "Field required"),
        (r#"{"name": 4711}"#, "value_error", json!(["body", "name"]), "Input should be a string"),
        (r#"{"name": "a", "age": 4711}"#, "value_error", json!(["body", "age"]), "Input should be u8"),
        (r#"{"name": "a\u0000"}"#, "value_error", json!(["body"]), "Input should not contain the character NUL"),
    ] {
        let mut fields = fields(body).unwrap();
        assert!(fields.profile::<Customer>().is_none());
        assert_eq!(detail(fields.refused()), json!([{ "type": kind, "loc": loc, "msg": message }]), "{body}");
    }
    assert_eq!(fields(r#"{"name": "a", "is_superuser": true}"#).unwrap().profile::<Customer>().unwrap().name, "a");
}

#[test]
fn x1_a_fault_of_a_profile_is_told_without_the_value() {
    fn refuse(_: &str) -> Result<u8, String> {
        Err("no: x, expected canary".into())
    }
    #[derive(Debug, Deserialize)]
    struct Custom {
        #[expect(dead_code, reason = "never made")]
        #[serde(deserialize_with = "custom")]
        field: u8,
    }
    fn custom<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        refuse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
    let error = serde_path_to_error::deserialize::<_, Custom>(json!({ "field": "" })).unwrap_err();
    assert_eq!(profile_fault(&error), fault("value_error", json!(["body", "field"]), "Input is not valid"));
    #[derive(Debug, Deserialize)]
    struct Plain {
        #[expect(dead_code, reason = "never made")]
        field: u8,
    }
    let error = serde_path_to_error::deserialize::<_, Plain>(json!({ "field": "x, expected canary" })).unwrap_err();
    assert_eq!(profile_fault(&error), fault("value_error", json!(["body", "field"]), "Input should be u8"));
}

#[test]
fn only_json_is_json() {
    let body = Bytes::from_static(b"{}");
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"] {
        assert!(Fields::json(&headers(media), &body).is_ok(), "{media}");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", "text/json+json", ""] {
        let problem = Fields::json(&headers(media), &body).err().unwrap();
        assert_eq!(problem.into_outgoing().status, 415, "{media}");
    }
}

#[test]
fn a_form_is_read_as_the_browser_wrote_it() {
    let mut fields = form("application/x-www-form-urlencoded", b"username=a%40b.c&password=a+b%2B%26%c3%a9&x").unwrap();
    assert_eq!(fields.filled("username").unwrap(), "a@b.c");
    assert_eq!(fields.filled("password").unwrap(), "a b+&\u{e9}");
    assert!(form("application/x-www-form-urlencoded", b"password=%ff").is_err());
    let multipart = b"--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\na@b.c\r\n--x--\r\n";
    assert_eq!(form("multipart/form-data; boundary=x", multipart).unwrap().filled("username").unwrap(), "a@b.c");
    assert!(form("multipart/form-data; boundary=x", b"--y").is_err());
    assert!(form("multipart/form-data", multipart).is_err());
}

#[test]
fn a_grant_other_than_the_password_is_refused() {
    let mut fields = form("application/x-www-form-urlencoded", b"grant_type=client_credentials").unwrap();
    fields.constant("grant_type", "password");
    assert_eq!(detail(fields.finish().err().unwrap())[0]["type"], "string_pattern_mismatch");
}

proptest! {
    #[test]
    fn x1_no_entry_repeats_what_was_sent(canary in "canary[a-z0-9]{8}", other in any::<i64>()) {
        for body in [
            json!({ "email": canary, "password": { "x": canary }, "name": [canary] }),
            json!({ "email": [canary], "password": other, "name": { "x": canary }, "age": canary }),
            json!({ "email": format!("{canary}@{canary}"), "name": 1, "is_active": canary }),
        ] {
            let mut fields = fields(&body.to_string()).ok().unwrap();
            let _ = (fields.email("email", &EmailRules::new()), fields.password("password"), fields.optional_flag("is_active"), fields.profile::<Customer>());
            let text = detail(fields.refused()).to_string();
            prop_assert!(!text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Fields::json(&headers("application/json"), &Bytes::from(body.clone()));
        let _ = form::urlencoded(&body);
    }
}
