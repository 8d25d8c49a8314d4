//! What a route has refused, in the words of a person: its answer goes in, and the errors of a page come out.

use std::time::Duration;

use ::http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ErrorView, fields::CAPTCHA, installed::Installed};
use crate::{
    error::Code,
    http::{Outgoing, Problem},
};

/// What is for users with a confirmed address.
const UNVERIFIED: [Code; 3] = [Code::LoginUserNotVerified, Code::FactorNotVerified, Code::ApiKeyNotVerified];

/// An answer that is not a success.
pub(super) struct Failure {
    pub(super) status: StatusCode,
    detail: Value,
    /// How long to wait.
    wait: Option<Duration>,
}

impl Failure {
    pub(super) fn of(answer: &Outgoing) -> Self {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let wait = answer.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Self { status: answer.status, detail: body["detail"].take(), wait: wait.map(Duration::from_secs) }
    }

    /// A code that the pages found themselves.
    pub(super) fn code(status: StatusCode, code: &str) -> Self {
        Self { status, detail: Value::from(code), wait: None }
    }

    /// Fields that must be filled in.
    pub(super) fn missing(names: &[&str]) -> Self {
        let faults = names.iter().map(|name| json!({ "type": "missing", "loc": ["body", name] }));
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail: faults.collect(), wait: None }
    }

    pub(super) fn not_found() -> Self {
        Problem::not_found().into()
    }

    /// How many seconds to wait.
    pub(super) fn wait_seconds(&self) -> Option<u64> {
        self.wait.map(|wait| wait.as_secs())
    }

    /// Whether the route has answered with this code.
    pub(super) fn is(&self, code: Code) -> bool {
        self.said_code() == Some(code.as_str())
    }

    /// What the answer says beside its code.
    pub(super) fn said(&self, name: &str) -> Option<&str> {
        self.detail[name].as_str()
    }

    /// Whether a session proves too little: it is gone, is too old, or lacks a second factor.
    pub(super) fn asks_for_a_login(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
            || self.is(Code::ReauthenticationRequired)
            || self.is(Code::SecondFactorRequired)
    }

    /// Whether the user must confirm the address first.
    pub(super) fn asks_to_verify(&self) -> bool {
        UNVERIFIED.into_iter().any(|code| self.is(code))
    }

    fn said_code(&self) -> Option<&str> {
        self.detail.as_str().or_else(|| self.detail["code"].as_str())
    }

    /// The errors in a language. `sends` has the names of fields in JSON and in the form.
    pub(super) fn errors(
        &self,
        pages: &Installed,
        language: &str,
        now: Timestamp,
        sends: &[(&str, &str)],
    ) -> Vec<ErrorView> {
        let words = Words { pages, language, until: self.until(pages, language, now) };
        match &self.detail {
            Value::Array(faults) => faults.iter().map(|fault| words.fault(fault, sends)).collect(),
            detail => {
                let code = self.said_code().unwrap_or_default();
                let field = field_of(code).map(str::to_owned);
                vec![ErrorView { field, text: words.said(code, detail, self.status) }]
            }
        }
    }

    /// Until when to wait, in words. The minute that has begun is not over yet.
    fn until(&self, pages: &Installed, language: &str, now: Timestamp) -> String {
        let minute = Duration::from_secs(60);
        let until = self.wait.and_then(|wait| now.checked_add(wait + minute).ok());
        until.map(|until| pages.texts.moment(language, until)).unwrap_or_default()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::of(&problem.into_outgoing())
    }
}

/// The field to which a code belongs.
fn field_of(code: &str) -> Option<&'static str> {
    match code {
        "LOGIN_BAD_SECOND_FACTOR" | "FACTOR_BAD_CODE" => Some("code"),
        "FACTOR_INVALID_LABEL" | "API_KEY_INVALID_LABEL" => Some("label"),
        "API_KEY_INVALID_LIFETIME" => Some("days"),
        "CHANGE_PASSWORD_BAD_PASSWORD" => Some("current_password"),
        "REGISTER_USER_ALREADY_EXISTS" | "UPDATE_USER_EMAIL_ALREADY_EXISTS" => Some("email"),
        "LOGIN_BAD_CODE" => Some("code"),
        "CAPTCHA_REQUIRED" | "CAPTCHA_WRONG" => Some(CAPTCHA),
        "REGISTER_USERNAME_ALREADY_EXISTS" | "UPDATE_USER_USERNAME_ALREADY_EXISTS" => Some("username"),
        code if code.ends_with("_INVALID_USERNAME") => Some("username"),
        code if code.ends_with("_INVALID_PASSWORD") => Some("password"),
        _ => None,
    }
}

/// The texts for errors in a language.
struct Words<'a> {
    pages: &'a Installed,
    language: &'a str,
    until: String,
}

impl Words<'_> {
    fn of(&self, group: &str, name: &str, values: &[(&str, &str)]) -> Option<String> {
        self.pages.optional(self.language, &format!("pages.{group}.{name}"), values)
    }

    /// A code: the text of the rule that is broken, that of the code, or the reason of the application, which its hook has written.
    fn said(&self, code: &str, detail: &Value, status: StatusCode) -> String {
        let limit = detail["reason_limit"].as_str().unwrap_or_default();
        let rules = if code.ends_with("_INVALID_USERNAME") { "name" } else { "password" };
        let rule = detail["reason_code"].as_str().and_then(|rule| self.of(rules, rule, &[("limit", limit)]));
        let of_status = match status.as_u16() {
            403 => "forbidden",
            404 => "not_found",
            413 => "too_large",
            429 => "TOO_MANY_REQUESTS",
            503 => "unavailable",
            _ => "other",
        };
        let reason = || detail["reason"].as_str().map(str::to_owned);
        let named = |name| self.of("code", name, &[("until", self.until.as_str())]);
        let is_policy = code.ends_with("_INVALID_PASSWORD");
        rule.or_else(|| is_policy.then(reason).flatten())
            .or_else(|| named(code).filter(|_| !code.is_empty()))
            .or_else(reason)
            .or_else(|| named(of_status))
            .unwrap_or_default()
    }

    /// An entry of a 422.
    fn fault(&self, fault: &Value, sends: &[(&str, &str)]) -> ErrorView {
        let name = fault["loc"].as_array().and_then(|loc| loc.last()).and_then(Value::as_str).unwrap_or_default();
        let field = sends.iter().find(|(sent, _)| *sent == name).map_or(name, |(_, field)| field);
        let rule = fault["ctx"]["reason_code"].as_str().and_then(|rule| self.of("address", rule, &[]));
        let usual = if fault["type"] == "missing" { "missing" } else { "invalid" };
        let text = rule.or_else(|| self.of("code", usual, &[])).unwrap_or_default();
        ErrorView { field: Some(field.to_owned()).filter(|field| !field.is_empty()), text }
    }
}
