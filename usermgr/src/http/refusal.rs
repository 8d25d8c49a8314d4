//! The responses for errors of operations.

use serde_json::json;

use super::{
    Problem,
    answer::status,
    body::{invalid_email, invalid_profile},
};
use crate::error::{Cause, Code, Coded};

impl<E: Coded> From<E> for Problem {
    fn from(error: E) -> Self {
        match error.cause() {
            Cause::Code(code) => Self::code(code),
            Cause::Password(code, refused) => {
                let mut detail = json!({ "code": code.as_str(), "reason": refused.reason() });
                // Only texts, as FastAPI Users declares it (`dict[str, str]`).
                if let Some(rule) = refused.code() {
                    detail["reason_code"] = json!(rule);
                }
                if let Some(limit) = refused.limit() {
                    detail["reason_limit"] = json!(limit.to_string());
                }
                Self::new(status(code.status()), detail)
            }
            Cause::Username(code, refused) => {
                let mut detail =
                    json!({ "code": code.as_str(), "reason": refused.reason(), "reason_code": refused.code() });
                if let Some(limit) = refused.limit() {
                    detail["reason_limit"] = json!(limit.to_string());
                }
                Self::new(status(code.status()), detail)
            }
            Cause::SecondFactorRequired(pending) => {
                let code = Code::LoginSecondFactorRequired;
                let kinds: Vec<_> = pending.factors.iter().map(|factor| factor.kind.as_str()).collect();
                // Only texts, as FastAPI Users declares a failed login (`str | dict[str, str]`).
                let mut detail = json!({
                    "code": code.as_str(),
                    "reason": "a second factor is needed",
                    "pending_token": pending.token.expose(),
                    "expires_in": pending.expires_in.as_secs().to_string(),
                    "factors": kinds.join(" "),
                });
                let options: serde_json::Map<_, _> = pending
                    .factors
                    .iter()
                    .filter_map(|factor| Some((factor.kind.to_string(), factor.options.clone()?)))
                    .collect();
                if !options.is_empty() {
                    // The JSON of the options as a text, for the same reason.
                    detail["options"] = json!(serde_json::Value::Object(options).to_string());
                }
                Self::new(status(code.status()), detail)
            }
            Cause::PermissionRequired(refused) => {
                let code = Code::PermissionRequired;
                // One text, with spaces as in a scope of OAuth 2.0 (RFC 6749, 3.3), since all details have only texts.
                let detail = json!({
                    "code": code.as_str(),
                    "reason": "permissions are missing",
                    "required": refused.missing().join(" "),
                });
                Self::new(status(code.status()), detail)
            }
            Cause::Rejection(rejection) => {
                let detail = match rejection.reason_text() {
                    Some(reason) => json!({ "code": rejection.code(), "reason": reason }),
                    None => json!(rejection.code()),
                };
                Self::new(status(rejection.http_status()), detail)
            }
            Cause::InvalidEmail(error) => Self::invalid(vec![invalid_email(error)]),
            Cause::InvalidProfile(error) => Self::invalid(vec![invalid_profile(error)]),
            Cause::Unavailable(code, wait) => Self::code(code).retry_after(wait.as_secs().max(1)),
            Cause::NotFound => Self::not_found(),
            Cause::RightLost(lost) => Self::lost(lost),
            Cause::Fault(fault) => Self::fault(fault),
        }
    }
}
