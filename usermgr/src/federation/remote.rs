//! A provider at run time: its metadata and keys as they are now, the address to which browsers are sent, and who has come
//! back with a code.

use std::{sync::Arc, time::Duration};

use ::http::Request;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::{
    HttpClient,
    cache::{Cache, Fetched, fresh_for},
    exchange::{Client, Code, Exchanged, Grant},
    id_token::{Expected, Unverified, subject},
    keys::{KeyCache, RemoteKeys},
    metadata::{Metadata, OUTAGE},
    oauth2::is_true,
    provider::{AuthMethod, Oidc, Protocol, Provider, SubjectClaim, Trust},
    reader::{self, Api, ProviderError, RemoteIdentity},
    secret::apple_name,
    tokens::Tokens,
    url,
};
use crate::user::{EmailAddress, EmailRules, OAuthClaims};

/// How many sign-ins and refreshes wait for one provider at a time, so that a slow one does not hold all connections.
const MOST_UNDER_WAY: usize = 64;
/// The longest subject that a store keeps, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// How providers are called.
pub(super) struct Calls {
    pub(super) http: Arc<dyn HttpClient>,
    pub(super) plain_http: bool,
    /// The time for all calls of one callback.
    pub(super) timeout: Duration,
}

/// A configured provider.
pub(crate) struct Remote {
    pub(super) provider: Provider,
    pub(super) calls: Arc<Calls>,
    metadata: Cache<Metadata>,
    keys: KeyCache,
    under_way: Semaphore,
}

/// Who has come back.
pub(crate) struct Identified {
    pub(crate) claims: OAuthClaims,
    /// The tokens, if the provider is one whose tokens are kept.
    pub(crate) tokens: Option<Tokens>,
}

/// What a browser is sent to the provider with.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) challenge: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a [String],
}

/// What an application on a device has received.
pub(crate) struct NativeAnswer<'a> {
    pub(crate) id_token: &'a str,
    /// The name of the user, which Apple gives to the application alone.
    pub(crate) name: Option<&'a str>,
    pub(crate) nonce: &'a str,
}

/// What a browser has come back with.
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    pub(crate) iss: Option<&'a str>,
    /// What Apple sends beside the code.
    pub(crate) user: Option<&'a str>,
    pub(crate) nonce: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
}

impl Remote {
    pub(super) fn new(provider: Provider, calls: Arc<Calls>) -> Self {
        let (metadata, keys) = (Cache::new(OUTAGE), KeyCache::new());
        Self { provider, calls, metadata, keys, under_way: Semaphore::new(MOST_UNDER_WAY) }
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The URL to which a browser is sent, or `None` if a scope is not allowed.
    pub(crate) async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, ProviderError> {
        let provider = &self.provider;
        let Some(scope) = provider.scope(request.scopes) else { return Ok(None) };
        let metadata = self.metadata(now).await?;
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", provider.client_id.as_str()),
            ("redirect_uri", request.redirect_uri),
            ("state", request.state),
        ];
        if !scope.is_empty() {
            pairs.push(("scope", &scope));
        }
        if provider.pkce {
            pairs.extend([("code_challenge", request.challenge), ("code_challenge_method", "S256")]);
        }
        if let Protocol::Oidc(_) = provider.protocol {
            pairs.push(("nonce", request.nonce));
        }
        if provider.form_post {
            pairs.push(("response_mode", "form_post"));
        }
        pairs.extend(provider.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Ok(Some(url::with_query(&metadata.authorization, pairs)))
    }

    /// Who has come back: checks the issuer, exchanges the code, and reads the account.
    pub(crate) async fn identify(
        &self,
        answer: &Answer<'_>,
        rules: &EmailRules,
        now: Timestamp,
    ) -> Result<Identified, ProviderError> {
        let (identity, tokens) = self.in_turn(self.account(answer, now)).await?;
        let claims = self.claims(identity, rules)?;
        Ok(Identified { claims, tokens: Some(tokens).filter(|_| self.provider.keeps_tokens()) })
    }

    /// Who has signed in to an application: reads the account from an ID token, which comes without other tokens.
    pub(crate) async fn identify_native(
        &self,
        answer: &NativeAnswer<'_>,
        rules: &EmailRules,
        now: Timestamp,
    ) -> Result<Identified, ProviderError> {
        let identity = self.in_turn(self.native_account(answer, now)).await?;
        Ok(Identified { claims: self.claims(identity, rules)?, tokens: None })
    }

    /// Calls the provider, unless too many others wait for it.
    pub(super) async fn in_turn<T>(
        &self,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let _place = self.under_way.try_acquire().map_err(|_| ProviderError::unavailable("too many others wait"))?;
        self.in_time(work).await
    }

    /// Gives up after the time for all calls.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let late = |_| ProviderError::unavailable("the calls took too long");
        tokio::time::timeout(self.calls.timeout, work).await.map_err(late)?
    }

    /// Our client, as it authenticates at the provider.
    pub(super) fn client(&self, metadata: &Metadata, now: Timestamp) -> Client<'_> {
        Client { http: &*self.calls.http, provider: &self.provider, method: metadata.auth_method, now }
    }

    async fn account(&self, answer: &Answer<'_>, now: Timestamp) -> Result<(RemoteIdentity, Tokens), ProviderError> {
        let (provider, http) = (&self.provider, &*self.calls.http);
        let metadata = self.metadata(now).await?;
        if let Protocol::Oidc(oidc) = &provider.protocol {
            let answered = answer.iss.is_some_and(|named| oidc.issuer.has_answered(named));
            if !answered && (answer.iss.is_some() || metadata.names_issuer) {
                return Err(ProviderError::refused("the callback is of another issuer"));
            }
        }
        let verifier = provider.pkce.then_some(answer.verifier);
        let code = Grant::Code(Code { code: answer.code, redirect_uri: answer.redirect_uri, verifier });
        let exchanged = self.client(&metadata, now).exchange(&metadata.token, &code).await;
        let exchanged = exchanged.map_err(|error| error.of("the code"))?;
        let identity = match &provider.protocol {
            Protocol::OAuth2(oauth2) => {
                let access_token = &exchanged.tokens.access;
                let api = Api { http, access_token, plain_http: self.calls.plain_http };
                oauth2.reader.read(&api).await?
            }
            Protocol::Oidc(oidc) => self.by_id_token(oidc, &metadata, &exchanged, answer, now).await?,
        };
        Ok((identity, exchanged.tokens))
    }

    async fn by_id_token(
        &self,
        oidc: &Oidc,
        metadata: &Metadata,
        exchanged: &Exchanged,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<RemoteIdentity, ProviderError> {
        let (provider, access_token) = (&self.provider, &exchanged.tokens.access);
        let token = exchanged.id.as_deref().ok_or_else(|| ProviderError::refused("there is no ID token"))?;
        let expected = Expected {
            clients: &[&provider.client_id],
            nonce: answer.nonce,
            nonce_may_be_missing: provider.nonce_may_be_missing,
            access_token: Some(access_token),
            now,
            leeway: provider.leeway,
        };
        let mut claims = self.verified(oidc, metadata, token, &expected).await?;
        // Address and flag come from one document, never from two.
        let mut contact = contact(&claims, oidc.verified);
        if contact.0.is_none()
            && provider.scopes.iter().any(|scope| scope == "email")
            && let Some(userinfo) = &metadata.userinfo
        {
            let (document, _) = self.document(userinfo, Some(access_token)).await?;
            if subject(&document) != subject(&claims) {
                return Err(ProviderError::refused("the user info is of another account"));
            }
            contact = self::contact(&document, oidc.verified);
            // A flag of the ID token must not stand beside the address of this document.
            claims.remove("email");
            claims.remove(oidc.verified);
            for (name, value) in document {
                claims.entry(name).or_insert(value);
            }
        }
        self.identity(oidc, claims, contact, answer.user.and_then(apple_name))
    }

    /// An ID token without an access token: all is in the claims, and there is a nonce in every case.
    async fn native_account(&self, answer: &NativeAnswer<'_>, now: Timestamp) -> Result<RemoteIdentity, ProviderError> {
        let provider = &self.provider;
        let (Protocol::Oidc(oidc), Some(clients)) = (&provider.protocol, &provider.native) else {
            return Err(ProviderError::refused("no ID tokens of applications are accepted"));
        };
        let clients: Vec<_> = std::iter::once(&provider.client_id).chain(clients).map(String::as_str).collect();
        let expected = Expected {
            clients: &clients,
            nonce: answer.nonce,
            nonce_may_be_missing: false,
            access_token: None,
            now,
            leeway: provider.leeway,
        };
        let metadata = self.metadata(now).await?;
        let claims = self.verified(oidc, &metadata, answer.id_token, &expected).await?;
        let contact = contact(&claims, oidc.verified);
        self.identity(oidc, claims, contact, answer.name.map(str::to_owned))
    }

    /// The claims of an ID token that is signed by the provider and says what it must.
    async fn verified(
        &self,
        oidc: &Oidc,
        metadata: &Metadata,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, ProviderError> {
        let unverified = Unverified::read(token)?;
        let address = metadata.keys.as_deref().unwrap_or_default();
        let fetch = || async {
            let (document, headers) = self.document(address, None).await?;
            Ok(Fetched { value: RemoteKeys::read(&document)?, fresh_for: fresh_for(&headers) })
        };
        let key = self.keys.find(unverified.key_id.as_deref(), unverified.algorithm, expected.now, fetch).await?;
        let claims = unverified.verified_by(&key)?;
        if !oidc.issuer.has_issued(&claims) {
            return Err(ProviderError::refused("the ID token is refused: iss"));
        }
        expected.judge(&claims, unverified.algorithm)?;
        Ok(claims)
    }

    /// The account in the claims. Apple tells the name of the user beside its tokens, and only once.
    fn identity(
        &self,
        oidc: &Oidc,
        mut claims: Map<String, Value>,
        (email, email_verified): (Option<String>, bool),
        name: Option<String>,
    ) -> Result<RemoteIdentity, ProviderError> {
        if let (Some(name), false) = (name.filter(|_| self.provider.form_post), claims.contains_key("name")) {
            claims.insert("name".to_owned(), name.into());
        }
        Ok(RemoteIdentity { subject: account_id(oidc.subject, &claims)?, email, email_verified, raw: claims })
    }

    /// The claims, with the address as the application accepts it.
    fn claims(&self, identity: RemoteIdentity, rules: &EmailRules) -> Result<OAuthClaims, ProviderError> {
        let RemoteIdentity { subject, email, email_verified, raw } = identity;
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.contains('\0') {
            return Err(ProviderError::refused("the id of the account has a wrong length"));
        }
        // An address that a registration would refuse is no address.
        let email = email.and_then(|email| rules.parse(&email).ok());
        let mut claims = OAuthClaims::new(self.provider.name(), subject);
        claims.email_verified = email_verified && email.is_some();
        claims.email_trusted = email.as_ref().is_some_and(|email| is_trusted(self.provider.trust, email, &raw));
        (claims.email, claims.raw) = (email, raw);
        Ok(claims)
    }

    /// The metadata: configured, or discovered and kept.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, ProviderError> {
        let oidc = match &self.provider.protocol {
            Protocol::Oidc(oidc) => oidc,
            Protocol::OAuth2(oauth2) => {
                return Ok(Arc::new(Metadata {
                    authorization: oauth2.authorization.clone(),
                    token: oauth2.token.clone(),
                    userinfo: None,
                    revocation: oauth2.revocation.clone(),
                    keys: None,
                    names_issuer: false,
                    auth_method: AuthMethod::Basic,
                }));
            }
        };
        let fetch = || async {
            let (document, headers) = self.document(&Metadata::address(&oidc.discovery), None).await?;
            let value = Metadata::read(&document, &oidc.issuer, self.calls.plain_http)?;
            Ok(Fetched { value, fresh_for: fresh_for(&headers) })
        };
        self.metadata.get(now, fetch).await
    }

    async fn document(
        &self,
        address: &str,
        access_token: Option<&str>,
    ) -> Result<(Map<String, Value>, ::http::HeaderMap), ProviderError> {
        let request = Request::get(reader::callable(address, self.calls.plain_http)?);
        let request = match access_token {
            Some(token) => request.header(::http::header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        let response = reader::send(&*self.calls.http, request, Bytes::new()).await?;
        Ok((reader::object(&response)?, response.headers().clone()))
    }
}

/// The address and the flag of one document.
fn contact(document: &Map<String, Value>, verified: &str) -> (Option<String>, bool) {
    let email = document.get("email").and_then(Value::as_str).map(str::to_owned);
    (email, document.get(verified).is_some_and(is_true))
}

fn account_id(subject_claim: SubjectClaim, claims: &Map<String, Value>) -> Result<String, ProviderError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = match subject_claim {
        SubjectClaim::Sub => subject(claims).map(str::to_owned),
        SubjectClaim::Oid => text("oid").map(str::to_owned),
        SubjectClaim::TenantAndOid => text("tid").zip(text("oid")).map(|(tenant, oid)| format!("{tenant}/{oid}")),
    };
    id.ok_or_else(|| ProviderError::refused("the ID token does not name the account"))
}

/// Whether a provider's word about an address is enough. Google is authoritative for its own addresses and for the
/// domains that it hosts.
fn is_trusted(trust: Trust, email: &EmailAddress, raw: &Map<String, Value>) -> bool {
    match trust {
        Trust::Never => false,
        Trust::Always => true,
        Trust::Google => {
            let domain = email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
            let hosted = raw.get("hd").and_then(Value::as_str);
            ["gmail.com", "googlemail.com"].contains(&domain)
                || hosted.is_some_and(|hosted| hosted.eq_ignore_ascii_case(domain))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn o6_google_is_believed_about_its_own_addresses_and_the_domains_that_it_hosts() {
        let trusts = |trust, email: &str, raw| is_trusted(trust, &EmailAddress::parse(email).unwrap(), &map(raw));
        for (email, hosted, expected) in [
            ("ada@gmail.com", json!({}), true),
            ("ada@googlemail.com", json!({}), true),
            ("ada@example.com", json!({}), false),
            ("ada@example.com", json!({ "hd": "example.com" }), true),
            ("ada@example.com", json!({ "hd": "other.example" }), false),
            ("ada@gmail.com.example.com", json!({}), false),
            ("ada@example.com", json!({ "hd": ["example.com"] }), false),
        ] {
            assert_eq!(trusts(Trust::Google, email, hosted.clone()), expected, "{email} {hosted}");
            assert!(trusts(Trust::Always, email, hosted.clone()) && !trusts(Trust::Never, email, hosted));
        }
    }

    #[test]
    fn o5_the_id_of_an_account_is_the_one_that_fastapi_users_has_stored() {
        let claims = map(json!({ "sub": "pairwise", "oid": "o", "tid": "t" }));
        let id = |rule, claims: &Map<String, Value>| account_id(rule, claims).ok();
        assert_eq!(id(SubjectClaim::Sub, &claims).as_deref(), Some("pairwise"));
        assert_eq!(id(SubjectClaim::Oid, &claims).as_deref(), Some("o"));
        assert_eq!(id(SubjectClaim::TenantAndOid, &claims).as_deref(), Some("t/o"));
        for lacking in [json!({ "sub": "s" }), json!({ "sub": "s", "tid": "t", "oid": "" })] {
            assert_eq!(id(SubjectClaim::TenantAndOid, &map(lacking)), None);
        }
    }
}
