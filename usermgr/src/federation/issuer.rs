//! The issuer of ID tokens: one, or each tenant of Microsoft's directory.

use serde_json::{Map, Value};

/// The issuer of ID tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Exactly(String),
    /// Microsoft's tenants: each is an issuer, and the token names its tenant. `None` is every tenant.
    Tenants(Option<Vec<String>>),
}

/// The beginning and the end of the issuer of a Microsoft tenant.
const TENANT: (&str, &str) = ("https://login.microsoftonline.com/", "/v2.0");

impl Issuer {
    /// Whether metadata names this issuer.
    pub(super) fn is_named(&self, named: &str) -> bool {
        match self {
            Self::Exactly(issuer) => named == issuer,
            Self::Tenants(_) => named == format!("{}{{tenantid}}{}", TENANT.0, TENANT.1),
        }
    }

    /// Whether the parameter `iss` of a callback names this issuer (RFC 9207).
    pub(super) fn has_answered(&self, named: &str) -> bool {
        match self {
            Self::Exactly(issuer) => named == issuer,
            Self::Tenants(_) => tenant_of(named).is_some(),
        }
    }

    /// Whether the claims are of this issuer. A tenant must be the one that the token itself names.
    pub(super) fn has_issued(&self, claims: &Map<String, Value>) -> bool {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        match (self, text("iss")) {
            (Self::Exactly(issuer), Some(named)) => named == issuer,
            (Self::Tenants(allowed), Some(named)) => {
                let tenant = tenant_of(named).filter(|tenant| text("tid") == Some(*tenant));
                tenant.is_some_and(|tenant| {
                    allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|one| one == tenant))
                })
            }
            (_, None) => false,
        }
    }
}

/// The tenant in the issuer of a Microsoft tenant: a GUID.
fn tenant_of(issuer: &str) -> Option<&str> {
    let tenant = issuer.strip_prefix(TENANT.0)?.strip_suffix(TENANT.1)?;
    is_guid(tenant).then_some(tenant)
}

/// Whether a text is a GUID in lower case.
pub(super) fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match hyphens.contains(&at) {
            true => byte == b'-',
            false => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}
