//! Request bodies: JSON or a form goes in, and typed fields come out, or a 422 in FastAPI's format with one entry for each invalid field.
//! No entry repeats what was sent.

pub(super) mod form;
mod json;
mod profile;
#[cfg(test)]
mod tests;

use ::http::{HeaderMap, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Problem;
#[cfg(feature = "axum")]
use crate::user::place;
use crate::{
    engine::Usernames,
    user::{EmailAddress, EmailRules, FIXED, InvalidEmail, InvalidProfile, Password, Step, USERNAME},
};

#[cfg(feature = "pages")]
pub(crate) use form::urlencoded as form_pairs;
#[cfg(feature = "oauth-bare")]
pub(super) use json::parse as parse_json;

/// The longest address that every store holds, in bytes.
const LONGEST_ADDRESS: usize = 320;

/// The fields of a body, which are taken out one by one, with the faults found so far.
pub(crate) struct Fields {
    map: Map<String, Value>,
    faults: Vec<Value>,
}

impl Fields {
    /// Reads a JSON object.
    pub(crate) fn json(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if body.is_empty() {
            return Err(Problem::invalid(vec![fault("missing", json!(["body"]), "Field required")]));
        }
        if !matches!(media_type(headers), Some(media) if is_json(&media)) {
            return Err(Problem::unsupported_media_type());
        }
        Self::parse_json(body)
    }

    /// Reads the JSON of a route whose fields FastAPI embeds: an empty body, and JSON that is not an object, have none of them.
    pub(crate) fn embedded(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        if !body.is_empty() {
            if !matches!(media_type(headers), Some(media) if is_json(&media)) {
                return Err(Problem::unsupported_media_type());
            }
            if let Value::Object(map) = json::parse(body)? {
                return Ok(Self { map, faults: Vec::new() });
            }
        }
        Ok(Self { map: Map::new(), faults: Vec::new() })
    }

    /// Reads the form of a login: URL-encoded or multipart, or JSON.
    pub(crate) async fn form(headers: &HeaderMap, body: &Bytes) -> Result<Self, Problem> {
        let pairs = match media_type(headers).as_deref() {
            _ if body.is_empty() => Vec::new(),
            Some("application/x-www-form-urlencoded") => form::urlencoded(body)?,
            Some("multipart/form-data") => form::multipart(headers, body).await?,
            Some(media) if is_json(media) => return Self::parse_json(body),
            _ => return Err(Problem::unsupported_media_type()),
        };
        let mut map = Map::new();
        for (name, value) in pairs {
            if map.insert(name, Value::String(value)).is_some() {
                return Err(given_twice());
            }
        }
        Ok(Self { map, faults: Vec::new() })
    }

    fn parse_json(body: &Bytes) -> Result<Self, Problem> {
        match json::parse(body)? {
            Value::Object(map) => Ok(Self { map, faults: Vec::new() }),
            _ => Err(Problem::invalid(vec![fault(
                "model_attributes_type",
                json!(["body"]),
                "Input should be a valid dictionary or object to extract fields from",
            )])),
        }
    }

    /// All fields that are texts.
    #[cfg(feature = "oauth-bare")]
    pub(crate) fn into_texts(self) -> Vec<(String, String)> {
        let texts = self.map.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
        texts.collect()
    }

    /// A required text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.map.remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(_) => self.refuse("string_type", name, "Input should be a valid string"),
            None => self.refuse("missing", name, "Field required"),
        }
    }

    /// A required text that must not be empty: an empty input of an HTML form counts as missing.
    pub(crate) fn filled(&mut self, name: &str) -> Option<String> {
        match self.map.get(name) {
            Some(Value::String(text)) if text.is_empty() => self.refuse("missing", name, "Field required"),
            _ => self.text(name),
        }
    }

    /// A required password.
    pub(crate) fn password(&mut self, name: &str) -> Option<Password> {
        self.text(name).map(Password::new)
    }

    /// A required new address.
    pub(crate) fn email(&mut self, name: &str, rules: &EmailRules) -> Option<EmailAddress> {
        let text = self.text(name)?;
        match rules.parse(&text) {
            Ok(email) => Some(email),
            Err(error) => {
                self.faults.push(invalid_email(error));
                None
            }
        }
    }

    /// The address of an account, which may be absent, but not null. The address that the account has already is not validated.
    pub(crate) fn optional_email(&mut self, name: &str, rules: &EmailRules, has: &EmailAddress) -> Option<String> {
        match self.map.get(name)? {
            Value::String(text) if text.trim() == has.as_str() => self.text(name),
            _ => self.email(name, rules).map(|email| email.to_string()),
        }
    }

    /// The user name of a registration, if the engine has user names. Without them, a field of this name is the profile's.
    pub(crate) fn registered_username(&mut self, part: Option<&Usernames>) -> Option<String> {
        match part?.is_required() {
            true => self.filled(USERNAME),
            false => self.optional_text(USERNAME),
        }
    }

    /// A new user name of an account, if the engine has user names. It may be absent, but not null.
    pub(crate) fn new_username(&mut self, part: Option<&Usernames>) -> Option<String> {
        part.and_then(|_| self.map.get(USERNAME))?;
        self.text(USERNAME)
    }

    /// A required address by which an account is looked up.
    pub(crate) fn lookup_email(&mut self, name: &str) -> Option<EmailAddress> {
        match lookup_address(&self.text(name)?) {
            Ok(email) => Some(email),
            Err(reason) => {
                self.faults.push(invalid_email(reason));
                None
            }
        }
    }

    /// A required object.
    #[cfg(feature = "passkeys")]
    pub(crate) fn object(&mut self, name: &str) -> Option<Value> {
        match self.map.remove(name) {
            Some(object @ Value::Object(_)) => Some(object),
            Some(_) => self.refuse("dict_type", name, "Input should be a valid dictionary"),
            None => self.refuse("missing", name, "Field required"),
        }
    }

    /// A text that may be absent or null, or the JSON of an object in its place.
    pub(crate) fn text_or_object(&mut self, name: &str) -> Option<String> {
        match self.map.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(_)) => self.map.remove(name).map(|object| object.to_string()),
            Some(_) => self.text(name),
        }
    }

    /// Notes that a field is missing.
    pub(crate) fn missing(&mut self, name: &str) {
        self.refuse::<()>("missing", name, "Field required");
    }

    /// The response to a body with fields that exclude each other.
    pub(crate) fn several(message: &str) -> Problem {
        Problem::invalid(vec![fault("value_error", json!(["body"]), message)])
    }

    /// A text that may be absent or null.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.map.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => self.text(name),
        }
    }

    /// A password that may be absent or null.
    pub(crate) fn optional_password(&mut self, name: &str) -> Option<Password> {
        match self.map.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => self.password(name),
        }
    }

    /// A flag that may be absent, but not null. A text or a number that represents a flag is accepted, as in FastAPI.
    pub(crate) fn optional_flag(&mut self, name: &str) -> Option<bool> {
        let value = self.map.remove(name)?;
        match flag(&value) {
            Ok(flag) => Some(flag),
            Err(Unreadable::Value) => {
                self.refuse("bool_parsing", name, "Input should be a valid boolean, unable to interpret input")
            }
            Err(Unreadable::Type) => self.refuse("bool_type", name, "Input should be a valid boolean"),
        }
    }

    /// A required list of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let Some(value) = self.map.remove(name) else { return self.refuse("missing", name, "Field required") };
        let Value::Array(items) = value else { return self.refuse("list_type", name, "Input should be a valid list") };
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                _ => {
                    let place = json!(["body", name, at]);
                    self.faults.push(fault("string_type", place, "Input should be a valid string"));
                }
            }
        }
        Some(texts)
    }

    /// A whole number of seconds that may be absent or null. A text that represents one is accepted, as in FastAPI.
    pub(crate) fn optional_seconds(&mut self, name: &str) -> Option<u64> {
        let value = match self.map.remove(name)? {
            Value::Null => return None,
            Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.parse().ok(),
            _ => return self.refuse("int_type", name, "Input should be a valid integer"),
        };
        let message = "Input should be a valid integer, greater than or equal to 0";
        value.or_else(|| self.refuse("int_parsing", name, message))
    }

    /// A text that must have this value, if it is present and not empty.
    pub(crate) fn constant(&mut self, name: &str, value: &str) {
        if self.map.remove(name).is_some_and(|given| given != value && given != "") {
            let mut entry = fault(
                "string_pattern_mismatch",
                json!(["body", name]),
                &format!("String should match pattern '^{value}$'"),
            );
            entry["ctx"] = json!({ "pattern": format!("^{value}$") });
            self.faults.push(entry);
        }
    }

    /// The profile's part: the fields that are left when the fixed ones are taken out.
    pub(crate) fn profile<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut map = std::mem::take(&mut self.map);
        map.retain(|name, _| !FIXED.contains(&name.as_str()));
        if map.iter().any(|(name, value)| name.contains('\0') || has_nul(value)) {
            self.faults.push(fault("value_error", json!(["body"]), "Input should not contain the character NUL"));
            return None;
        }
        match profile::read(&map) {
            Ok(profile) => Some(profile),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    /// Whether all fields were taken out.
    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// The response for the faults that were found.
    pub(crate) fn refused(self) -> Problem {
        Problem::invalid(self.faults)
    }

    /// Passes when no fault was found.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(self.refused()) }
    }

    fn refuse<T>(&mut self, kind: &str, name: &str, message: &str) -> Option<T> {
        self.faults.push(fault(kind, json!(["body", name]), message));
        None
    }
}

/// Why a value is not a flag.
enum Unreadable {
    Type,
    Value,
}

/// A number without a fraction, as JSON may write it: `60.0`.
fn whole(number: f64) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
    ((0.0..WHOLE).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// The end of the range of 64-bit integers.
const WHOLE: f64 = 9_223_372_036_854_775_807.0;

/// The values that pydantic reads as a boolean, and the kind of fault that it reports for others.
fn flag(value: &Value) -> Result<bool, Unreadable> {
    let text = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => return Ok(false),
            Some(1.0) => return Ok(true),
            // An integer of 64 bits has the right type, but is not a boolean; another number has the wrong type.
            Some(other) if other.fract() == 0.0 && other.abs() < WHOLE => return Err(Unreadable::Value),
            _ => return Err(Unreadable::Type),
        },
        Value::String(text) => text,
        Value::Null | Value::Array(_) | Value::Object(_) => return Err(Unreadable::Type),
    };
    flag_of(text).ok_or(Unreadable::Value)
}

/// The texts that pydantic reads as a boolean.
pub(super) fn flag_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// An address by which an account is looked up. It must have something on both sides of an @-sign, and a store must be able to hold it.
/// Nothing else is checked.
pub(crate) fn lookup_address(typed: &str) -> Result<EmailAddress, InvalidEmail> {
    let email = EmailAddress::for_lookup(typed);
    match email.as_str().rsplit_once('@') {
        None => Err(InvalidEmail::NO_AT),
        Some(("", _)) => Err(InvalidEmail::NOTHING_BEFORE),
        Some((_, "")) => Err(InvalidEmail::NOTHING_AFTER),
        _ if email.as_str().contains(char::is_control) => Err(InvalidEmail::CONTROL),
        _ if email.as_str().len().max(email.canonical().len()) > LONGEST_ADDRESS => Err(InvalidEmail::LOOKUP_LENGTH),
        _ => Ok(email),
    }
}

/// The entry for a text that is not an address.
pub(super) fn invalid_email(error: InvalidEmail) -> Value {
    let reason = error.reason();
    let mut entry =
        fault("value_error", json!(["body", "email"]), &format!("value is not a valid email address: {reason}"));
    entry["ctx"] = json!({ "reason": reason, "reason_code": error.code() });
    entry
}

/// The entry for a profile that could not be read back.
pub(super) fn invalid_profile(error: &InvalidProfile) -> Value {
    fault("value_error", loc(error.steps()), "Input cannot be stored")
}

/// The path of a value in a body.
fn loc(steps: &[Step]) -> Value {
    let step = |step: &Step| match step {
        Step::Field(name) => json!(name),
        Step::Item(index) => json!(index),
    };
    [json!("body")].into_iter().chain(steps.iter().map(step)).collect()
}

/// The response for JSON that an extractor of axum could not read, if this is its error.
#[cfg(feature = "axum")]
pub(crate) fn refused_json(error: &(dyn std::error::Error + 'static)) -> Option<Problem> {
    let syntax = |error| json::syntax_fault(json!(["body"]), error);
    let entry = match error.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
        Some(error) if error.inner().is_data() => profile::one_fault(error, &place(error), None),
        Some(error) => syntax(error.inner()),
        None => syntax(error.downcast_ref()?),
    };
    Some(Problem::invalid(vec![entry]))
}

/// One entry of a 422.
pub(super) fn fault(kind: &str, loc: Value, message: &str) -> Value {
    json!({ "type": kind, "loc": loc, "msg": message })
}

fn given_twice() -> Problem {
    Problem::invalid(vec![fault("value_error", json!(["body"]), "A field is given twice")])
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(map) => map.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn is_json(media: &str) -> bool {
    media == "application/json" || media.starts_with("application/") && media.ends_with("+json")
}
