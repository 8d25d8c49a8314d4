//! The metadata of a provider, by discovery (OpenID Connect Discovery 1.0, 4) or by configuration.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    issuer::Issuer,
    provider::AuthMethod,
    reader::{self, ProviderError},
};

/// How long metadata serves beyond its time while the provider is down.
pub(super) const OUTAGE: Duration = Duration::from_secs(24 * 3600);

/// The endpoints of a provider, and what it says about itself.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization: String,
    pub(super) token: String,
    pub(super) userinfo: Option<String>,
    /// Where tokens are revoked (RFC 7009).
    pub(super) revocation: Option<String>,
    pub(super) keys: Option<String>,
    /// Whether each callback has the parameter `iss` (RFC 9207, 3).
    pub(super) names_issuer: bool,
    /// How the client authenticates at the token endpoint.
    pub(super) auth_method: AuthMethod,
}

impl Metadata {
    /// Where the metadata of an issuer is.
    pub(super) fn address(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads a discovered document. Each endpoint must be one that may be called.
    pub(super) fn read(
        document: &Map<String, Value>,
        issuer: &Issuer,
        plain_http: bool,
    ) -> Result<Self, ProviderError> {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let missing = |name: &str| ProviderError::refused(format!("the metadata has no `{name}`"));
        let required = |name: &str| {
            let endpoint = text(name).ok_or_else(|| missing(name))?;
            reader::callable(endpoint, plain_http).map(str::to_owned)
        };
        let optional =
            |name: &str| text(name).map(|url| reader::callable(url, plain_http).map(str::to_owned)).transpose();
        if !text("issuer").is_some_and(|named| issuer.is_named(named)) {
            return Err(ProviderError::refused("the metadata is of another issuer"));
        }
        let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let offers = |name: &str| methods.is_none_or(|methods| methods.iter().any(|method| method == name));
        Ok(Self {
            authorization: required("authorization_endpoint")?,
            token: required("token_endpoint")?,
            userinfo: optional("userinfo_endpoint")?,
            revocation: optional("revocation_endpoint")?,
            keys: Some(required("jwks_uri")?),
            names_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            // Basic is the default (3), and every provider that has both treats them alike.
            auth_method: match (offers("client_secret_basic"), offers("client_secret_post")) {
                (false, true) => AuthMethod::Post,
                _ => AuthMethod::Basic,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://op.example",
            "authorization_endpoint": "https://op.example/a",
            "token_endpoint": "https://op.example/t",
            "jwks_uri": "https://op.example/k",
        })
    }

    fn read(document: &Value) -> Result<Metadata, ProviderError> {
        Metadata::read(document.as_object().unwrap(), &Issuer::Exactly("https://op.example".into()), false)
    }

    #[test]
    fn o10_a_document_of_another_issuer_or_with_other_urls_is_refused() {
        assert!(read(&document()).is_ok());
        for (name, value) in [
            ("issuer", json!("https://op.example/")),
            ("issuer", json!(null)),
            ("authorization_endpoint", json!("http://op.example/a")),
            ("token_endpoint", json!("file:///etc/passwd")),
            ("jwks_uri", json!(7)),
            ("userinfo_endpoint", json!("http://169.254.169.254/")),
            ("revocation_endpoint", json!("http://op.example/r")),
        ] {
            let mut document = document();
            document[name] = value;
            assert!(read(&document).is_err(), "{document}");
        }
    }

    #[test]
    fn the_client_authenticates_as_the_provider_offers() {
        for (offered, expected) in [
            (json!(null), AuthMethod::Basic),
            (json!(["client_secret_post"]), AuthMethod::Post),
            (json!(["client_secret_post", "client_secret_basic"]), AuthMethod::Basic),
            (json!(["none"]), AuthMethod::Basic),
            (json!(["private_key_jwt", "client_secret_post"]), AuthMethod::Post),
        ] {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = offered;
            assert_eq!(read(&document).unwrap().auth_method, expected, "{document}");
        }
        assert_eq!(Metadata::address("https://op.example/o/"), "https://op.example/o/.well-known/openid-configuration");
    }
}
