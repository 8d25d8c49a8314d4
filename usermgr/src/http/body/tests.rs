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
    let mut fields = fields(r#"{"email": "nowhere", "is_active": []}"#).unwrap();
    assert!(
        fields.email("email", &EmailRules::new()).is_none()
            && fields.password("password").is_none()
            && fields.optional_flag("is_active").is_none()
    );
    assert_eq!(
        detail(fields.refused()),
        json!([
            { "type": "value_error", "loc": ["body", "email"], "ctx": { "reason": "an address needs an @-sign", "reason_code": "no_at" },
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
fn broken_json_is_reported_with_its_place() {
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
fn a_profile_reports_its_faults_with_their_paths() {
    for (body, kind, loc, message) in [
        (r#"{"email": 1}"#, "missing", json!(["body", "name"]), "Field required"),
        (r#"{"name": 4711}"#, "value_error", json!(["body", "name"]), "Input should be a string"),
        (
            r#"{"name": "a", "age": 4711}"#,
            "value_error",
            json!(["body", "age"]),
            "Input should be a whole number from 0 to 255",
        ),
        (r#"{"name": "a\u0000"}"#, "value_error", json!(["body"]), "Input should not contain the character NUL"),
    ] {
        let mut fields = fields(body).unwrap();
        assert!(fields.profile::<Customer>().is_none());
        assert_eq!(detail(fields.refused()), json!([{ "type": kind, "loc": loc, "msg": message }]), "{body}");
    }
    assert_eq!(fields(r#"{"name": "a", "is_superuser": true}"#).unwrap().profile::<Customer>().unwrap().name, "a");
}

/// A profile with custom types, which say what is wrong.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read by serde")]
struct Own {
    name: String,
    #[serde(deserialize_with = "phone")]
    phone: String,
    age: u8,
    weight: Option<f32>,
    newsletter: bool,
    #[serde(default)]
    children: Vec<Child>,
    plan: Plan,
}

#[derive(Debug, Deserialize)]
struct Child {
    age: u64,
}

#[derive(Debug, Deserialize)]
enum Plan {
    Free,
}

fn phone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        sent if sent.starts_with('+') => Ok(text),
        sent if sent.starts_with('#') => Err(D::Error::custom(format!("{sent} is no phone number"))),
        // It tries to pass for serde's own words.
        sent if sent.starts_with('!') => Err(D::Error::custom("no: x, expected canary")),
        _ => Err(D::Error::custom("a phone number begins with +")),
    }
}

fn own(body: &Value) -> Result<Own, Value> {
    let mut fields = fields(&body.to_string()).unwrap();
    fields.profile::<Own>().ok_or_else(|| detail(fields.refused()))
}

fn good() -> Value {
    json!({ "name": "Ada", "phone": "+1", "age": 36, "newsletter": true, "plan": "Free" })
}

#[test]
fn m8_a_types_own_words_are_shown_unless_they_repeat_what_was_sent() {
    for (phone, message) in [
        ("1", "a phone number begins with +"),
        ("!", "no: x, expected canary"),
        ("#canary7", "Input is not valid"),
        ("#", "Input is not valid"),
        ("#1-2", "Input is not valid"),
        ("# CANARY", "Input is not valid"),
        // By chance: the message says too little rather than too much.
        ("number", "Input is not valid"),
    ] {
        let mut body = good();
        body["phone"] = json!(phone);
        let expected = fault("value_error", json!(["body", "phone"]), message);
        assert_eq!(own(&body).unwrap_err(), json!([expected]), "{phone}");
    }
    // A value that tries to pass for serde's own words.
    let mut body = good();
    body["age"] = json!("x, expected canary");
    assert_eq!(own(&body).unwrap_err()[0]["msg"], "Input should be a whole number from 0 to 255");
    body["age"] = json!("36");
    body["plan"] = json!("canary");
    assert_eq!(own(&body).unwrap_err()[0]["msg"], "Input should be `Free`");
}

#[test]
fn every_field_of_a_profile_at_fault_has_its_entry() {
    let places = |body: &Value| -> Vec<(String, Value)> {
        let faults = own(body).unwrap_err();
        faults
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["type"].as_str().unwrap().to_owned(), entry["loc"].clone()))
            .collect()
    };
    let entry = |kind: &str, loc: Value| (kind.to_owned(), loc);
    assert_eq!(
        places(&json!({ "phone": "+1", "age": "old", "children": [{ "age": 1 }, { "age": -1 }] })),
        [
            entry("value_error", json!(["body", "age"])),
            entry("value_error", json!(["body", "children", 1, "age"])),
            entry("missing", json!(["body", "name"])),
            entry("missing", json!(["body", "newsletter"])),
            entry("missing", json!(["body", "plan"])),
        ]
    );
    assert_eq!(
        places(&json!({ "children": [{}] }))[..2],
        [entry("missing", json!(["body", "children", 0, "age"])), entry("missing", json!(["body", "name"])),]
    );
    // One that takes nothing simple hides the missing ones behind it.
    assert_eq!(
        places(&json!({ "phone": "1", "age": 300 })),
        [
            entry("value_error", json!(["body", "age"])),
            entry("value_error", json!(["body", "phone"])),
            entry("missing", json!(["body", "name"])),
        ]
    );
    assert_eq!(places(&json!({ "name": "Ada" })), [entry("missing", json!(["body", "phone"]))]);
}

#[test]
fn what_stands_for_the_declared_type_is_converted_as_pydantic_does() {
    let read = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        own(&body)
    };
    for (value, age) in [
        (json!("42"), 42),
        (json!(" +7 "), 7),
        (json!("007"), 7),
        (json!("5.0"), 5),
        (json!(5.0), 5),
        (json!(1e2), 100),
    ] {
        assert_eq!(read("age", value.clone()).unwrap().age, age, "{value}");
    }
    for value in [
        json!("5.5"),
        json!("1e3"),
        json!("1_000"),
        json!(""),
        json!("0x1"),
        json!(5.5),
        json!(1e30),
        json!("256"),
        json!(true),
        json!([1]),
    ] {
        assert_eq!(read("age", value.clone()).unwrap_err()[0]["loc"], json!(["body", "age"]), "{value}");
    }
    for (value, flag) in [(json!("false"), false), (json!(0), false), (json!("ON"), true), (json!(1.0), true)] {
        assert_eq!(read("newsletter", value.clone()).unwrap().newsletter, flag, "{value}");
    }
    for (value, weight) in [(json!("1.5"), 1.5), (json!("1e3"), 1000.0), (json!(7), 7.0)] {
        assert_eq!(read("weight", value.clone()).unwrap().weight, Some(weight), "{value}");
    }
    for value in [json!("nan"), json!("inf"), json!("")] {
        assert!(read("weight", value.clone()).is_err(), "{value}");
    }
    assert_eq!(read("children", json!([{ "age": "18446744073709551615" }])).unwrap().children[0].age, u64::MAX);
    // A number is not a text, and a text is not a list.
    assert!(read("name", json!(5)).is_err() && read("children", json!("1")).is_err());
}

#[test]
fn a_profile_is_read_a_bounded_number_of_times() {
    let mut body = good();
    body["children"] = json!(vec![json!({ "age": "1" }); 2000]);
    let faults = own(&body).unwrap_err();
    assert_eq!(faults.as_array().unwrap().len(), 1, "{faults}");
    body["children"] = json!(vec![json!({ "age": "1" }); 20]);
    assert_eq!(own(&body).unwrap().children.len(), 20);
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
