//! The headers of every page: no script, style or picture from elsewhere, no frame, no cache (ASVS 5.0, 3.4).

use ::http::{HeaderName, HeaderValue, header};

use crate::{captcha::Widget, config_error::ConfigError, http::Outgoing};

/// Pages send the own origin a referrer. Without one, browsers would send `Origin: null` with forms, and over plain HTTP nothing else tells
/// an own form from one of another site.
const FIXED: [(HeaderName, &str); 3] = [
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// What pages load of their own origin, to which a captcha adds.
const OWN: &str = "style-src 'self'; script-src 'self'";

/// The policy of pages (CSP 3). `logo` is the origin of the logo. Browsers apply `form-action` to the redirect after a form too, so the
/// origins to which a sign-in may lead are in it.
pub(super) fn policy(logo: Option<&str>, origins: &[String]) -> Result<HeaderValue, ConfigError> {
    let [pictures, targets] = [logo.unwrap_or_default().to_owned(), origins.join(" ")];
    let policy = format!(
        "default-src 'none'; {OWN}; img-src 'self' data: {pictures}; font-src 'self'; form-action 'self' {targets}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy.replace(" ;", ";"))
        .map_err(|_| ConfigError::new("`Pages`: the URL of the logo has a character that no header can have"))
}

/// The policy of a page with the widget of a captcha: scripts, frames, styles and requests of its origins are allowed too, and workers
/// that its script makes.
pub(super) fn with_widget(policy: &HeaderValue, widget: &Widget) -> HeaderValue {
    let from: Vec<_> = std::iter::once("'self'").chain(widget.origins()).collect();
    let from = from.join(" ");
    let all =
        format!("style-src {from}; script-src {from}; frame-src {from}; connect-src {from}; worker-src 'self' blob:");
    let policy_text = policy.to_str().unwrap_or_default().replace(OWN, &all);
    HeaderValue::try_from(policy_text).unwrap_or_else(|_| policy.clone())
}

/// A page, with its headers.
pub(super) fn protected(mut answer: Outgoing, policy: &HeaderValue) -> Outgoing {
    for (name, value) in FIXED {
        answer.headers.insert(name, HeaderValue::from_static(value));
    }
    answer.headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    answer
}
