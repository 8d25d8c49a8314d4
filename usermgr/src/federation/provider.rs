//! A provider as a value: who we are there, which protocol it speaks, and how far its word is trusted.

use std::{borrow::Cow, fmt, time::Duration};

use super::{issuer::Issuer, oauth2::OAuth2, secret::ClientSecret, url};

/// Names that paths of other routes have in the place of a provider.
const TAKEN: [&str; 3] = ["associate", "providers", "register"];
/// Parameters of an authorization request that the library sets.
const RESERVED: [&str; 12] = [
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "request",
    "request_uri",
];

/// A provider with which users sign in. It is made by a preset, such as [`google`](Self::google), or as a generic
/// [`oidc`](Self::oidc) or [`oauth2`](Self::oauth2) provider.
///
/// ```
/// use usermgr::oauth::{ClientSecret, OAuth2, Provider};
///
/// let corp = Provider::oidc("corp", "https://id.corp.example", "our-id", ClientSecret::env("CORP_SECRET"))
///     .label("Corporate account")
///     .link_by_email()
///     .trust_email();
///
/// let forge = OAuth2::new("https://forge.example/authorize", "https://forge.example/token")
///     .profile("https://forge.example/api/me")
///     .subject("/id")
///     .email("/email");
/// let forge = Provider::oauth2("forge", forge, "our-id", ClientSecret::env("FORGE_SECRET")).scopes(["read"]);
/// assert_eq!((corp.name(), forge.name()), ("corp", "forge"));
/// ```
pub struct Provider {
    pub(super) name: Cow<'static, str>,
    label: Cow<'static, str>,
    pub(super) client_id: String,
    pub(super) secret: ClientSecret,
    pub(super) protocol: Protocol,
    pub(super) scopes: Vec<String>,
    allowed_scopes: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) redirect_uri: Option<String>,
    pub(super) associate_redirect_uri: Option<String>,
    pub(super) auth_method: Option<AuthMethod>,
    pub(super) leeway: Duration,
    pub(super) trust: Trust,
    pub(super) link_by_email: bool,
    pub(super) registers: bool,
    pub(super) verifies: bool,
    pub(super) proves_two_factors: bool,
    pub(super) nonce_may_be_missing: bool,
    pub(super) pkce: bool,
    pub(super) form_post: bool,
    keeps_tokens: bool,
    /// Further clients whose ID tokens are accepted from an application, if any are.
    pub(super) native: Option<Vec<String>>,
}

/// How the provider describes an account.
pub(super) enum Protocol {
    Oidc(Oidc),
    OAuth2(OAuth2),
}

/// OpenID Connect, by discovery.
pub(super) struct Oidc {
    pub(super) issuer: Issuer,
    /// The issuer whose metadata is read.
    pub(super) discovery: String,
    pub(super) subject: SubjectClaim,
    /// The claim that says whether the address is verified.
    pub(super) verified: &'static str,
}

/// The claim that is the id of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubjectClaim {
    Sub,
    /// The id in the directory of one tenant (Microsoft).
    Oid,
    /// The tenant and the id in its directory.
    TenantAndOid,
}

/// For which addresses a provider is authoritative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Never,
    Always,
    /// Google's own addresses, and those of the domains that it hosts.
    Google,
}

/// How a client proves who it is at the token endpoint (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthMethod {
    /// In the header `Authorization`.
    Basic,
    /// In the body.
    Post,
}

impl Provider {
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        protocol: Protocol,
        client_id: impl Into<String>,
        secret: ClientSecret,
    ) -> Self {
        let name = name.into();
        Self {
            label: name.clone(),
            name,
            client_id: client_id.into(),
            secret,
            protocol,
            scopes: Vec::new(),
            allowed_scopes: Vec::new(),
            parameters: Vec::new(),
            redirect_uri: None,
            associate_redirect_uri: None,
            auth_method: None,
            leeway: Duration::from_secs(60),
            trust: Trust::Never,
            link_by_email: false,
            registers: true,
            verifies: false,
            proves_two_factors: false,
            nonce_may_be_missing: false,
            pkce: true,
            form_post: false,
            keeps_tokens: false,
            native: None,
        }
    }

    /// A generic OpenID Connect provider. Its endpoints are found at `{issuer}/.well-known/openid-configuration`. The
    /// issuer is compared byte by byte.
    pub fn oidc(
        name: impl Into<Cow<'static, str>>,
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        secret: ClientSecret,
    ) -> Self {
        let issuer = issuer.into();
        let oidc = Oidc {
            discovery: issuer.clone(),
            issuer: Issuer::Exactly(issuer),
            subject: SubjectClaim::Sub,
            verified: "email_verified",
        };
        Self::new(name, Protocol::Oidc(oidc), client_id, secret).scopes(["openid", "email", "profile"])
    }

    /// A generic provider of OAuth 2.0 without ID tokens.
    pub fn oauth2(
        name: impl Into<Cow<'static, str>>,
        endpoints: OAuth2,
        client_id: impl Into<String>,
        secret: ClientSecret,
    ) -> Self {
        Self::new(name, Protocol::OAuth2(endpoints), client_id, secret)
    }

    /// Sets another name. It is in the paths of the routes and in the identities of users, so it must not change later.
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Sets the text for a button.
    #[must_use]
    pub fn label(self, label: impl Into<Cow<'static, str>>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// Sets the scopes that are always requested, in place of those of the preset.
    #[must_use]
    pub fn scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets further scopes, which a client may request with `?scopes=`.
    #[must_use]
    pub fn allow_scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        Self { allowed_scopes: scopes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Adds a parameter to the authorization request, such as `prompt`. Those of the protocol are refused by `build`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Sets the redirect URI of sign-ins, which must be registered at the provider. Default:
    /// `{origin}/auth/{name}/callback`.
    #[must_use]
    pub fn redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { redirect_uri: Some(uri.into()), ..self }
    }

    /// Sets the redirect URI with which users link an account. Default: `{origin}/auth/associate/{name}/callback`.
    #[must_use]
    pub fn associate_redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { associate_redirect_uri: Some(uri.into()), ..self }
    }

    /// Links an account by its address: a user who signs in with a new identity gets into the account with the same
    /// address, if the provider is trusted for the address and has verified it. If the account itself has never
    /// verified its address, everything that its maker had ends: password, sessions and other identities.
    #[must_use]
    pub fn link_by_email(self) -> Self {
        Self { link_by_email: true, ..self }
    }

    /// Trusts the addresses of the provider: every account there with a verified address *is* the person with this
    /// address. It is true of the directory of your own organization, and of few others.
    #[must_use]
    pub fn trust_email(self) -> Self {
        Self { trust: Trust::Always, ..self }
    }

    /// Lets only known identities in: no new account is made through this provider.
    #[must_use]
    pub fn no_registration(self) -> Self {
        Self { registers: false, ..self }
    }

    /// Marks the address of every new account verified, whatever the provider says about it, as `is_verified_by_default` of
    /// FastAPI Users does. A user who can enter any address at the provider then owns it here, and `require_verified` is
    /// without effect for these accounts. If the provider verifies addresses, use [`trust_email`](Self::trust_email).
    #[must_use]
    pub fn dangerous_verified_by_default(self) -> Self {
        Self { verifies: true, ..self }
    }

    /// The provider itself demands two factors of everybody, so that no second factor is asked for here.
    #[must_use]
    pub fn proves_two_factors(self) -> Self {
        Self { proves_two_factors: true, ..self }
    }

    /// Sets how the client proves who it is, in place of what the provider's metadata says.
    #[must_use]
    pub fn auth_method(self, method: AuthMethod) -> Self {
        Self { auth_method: Some(method), ..self }
    }

    /// Sets the allowed difference between the provider's clock and ours. Default: a minute, at most five.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// Accepts ID tokens without a nonce, for a provider that does not return it. A wrong nonce is refused all the same.
    #[must_use]
    pub fn nonce_may_be_missing(self) -> Self {
        Self { nonce_may_be_missing: true, ..self }
    }

    /// Asks for answers by a form that the browser sends (OAuth 2.0 Form Post Response Mode), so that no URL has the code. Apple requires it. The
    /// browser sends no cookie with the form of another site, so that the callback first redirects to itself.
    #[must_use]
    pub fn form_post(self) -> Self {
        Self { form_post: true, ..self }
    }

    /// Keeps the tokens of the provider, so that the application can call its API in the name of the user, with
    /// [`provider_token`](crate::Operations::provider_token). Default: they are dropped after the sign-in.
    ///
    /// Each sign-in and each link replaces the tokens of the identity. They are sealed with the
    /// [data secret](crate::settings::Settings::data_secret), for the row of this user. At most 64 KiB are kept; longer
    /// tokens are dropped with the event `provider_tokens_lost`, and the user is signed in all the same. When the identity
    /// is unlinked, or the account is deleted or taken over, the tokens are deleted, and the provider is asked in the
    /// background to revoke them (RFC 7009).
    ///
    /// Most providers give a refresh token only on request; see [the guide](crate::guide::signing_in_with_others). Tokens
    /// that were kept before this option was removed stay, sealed, until the identity ends.
    ///
    /// ```
    /// use usermgr::oauth::{ClientSecret, Provider};
    /// let corp = Provider::oidc("corp", "https://id.corp.example", "our-id", ClientSecret::env("CORP_SECRET"))
    ///     .scopes(["openid", "email", "profile", "offline_access", "calendar.read"])
    ///     .parameter("prompt", "consent")
    ///     .keep_tokens();
    /// # let _ = corp;
    /// ```
    #[must_use]
    pub fn keep_tokens(self) -> Self {
        Self { keeps_tokens: true, ..self }
    }

    /// Accepts ID tokens that an application on a device has received from the operating system or from the provider's SDK,
    /// at `/auth/{backend}/native`. They must be for the client of this provider or for one of `clients`, such as the
    /// bundle id of an application at Apple, and have a nonce from `/auth/{provider}/nonce`. Default: none is accepted.
    ///
    /// ```
    /// use usermgr::oauth::{ClientSecret, Provider};
    /// let google = Provider::google("our-web-client", ClientSecret::env("GOOGLE_SECRET")).native(["our-android-client"]);
    /// # let _ = google;
    /// ```
    #[must_use]
    pub fn native<T: Into<String>>(self, clients: impl IntoIterator<Item = T>) -> Self {
        Self { native: Some(clients.into_iter().map(Into::into).collect()), ..self }
    }

    /// Sends no PKCE challenge (RFC 7636), for a provider that refuses one. Then only the nonce binds a code to its
    /// browser.
    #[must_use]
    pub fn dangerous_without_pkce(self) -> Self {
        Self { pkce: false, ..self }
    }

    pub(super) fn trusted(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text for a button.
    pub fn label_text(&self) -> &str {
        &self.label
    }

    pub(crate) fn links_by_email(&self) -> bool {
        self.link_by_email
    }

    /// Whether an unknown identity gets a new account.
    pub(crate) fn is_open(&self) -> bool {
        self.registers
    }

    /// Whether the address of a new account is taken for verified.
    pub(crate) fn is_verified_by_default(&self) -> bool {
        self.verifies
    }

    /// Whether ID tokens of applications are accepted.
    pub(crate) fn is_native(&self) -> bool {
        self.native.is_some()
    }

    pub(crate) fn is_two_factors(&self) -> bool {
        self.proves_two_factors
    }

    pub(crate) fn keeps_tokens(&self) -> bool {
        self.keeps_tokens
    }

    /// The scopes of a request, or `None` if one of the wanted scopes is not allowed.
    pub(super) fn scope(&self, wanted: &[String]) -> Option<String> {
        let mut scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        for scope in wanted {
            if !self.scopes.contains(scope) {
                scopes.push(self.allowed_scopes.iter().find(|allowed| *allowed == scope)?);
            }
        }
        Some(scopes.join(" "))
    }

    /// What is wrong with the configuration.
    pub(super) fn faults(&self, plain_http: bool) -> Vec<String> {
        let name = &self.name;
        let is_name = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let urls = match &self.protocol {
            Protocol::Oidc(oidc) => vec![oidc.discovery.as_str()],
            Protocol::OAuth2(oauth2) => oauth2.urls(),
        };
        let bad_url = urls.iter().find(|url| !url::is_callable(url, plain_http));
        let redirects = [&self.redirect_uri, &self.associate_redirect_uri];
        let bad_redirect =
            redirects.into_iter().flatten().find(|uri| !url::is_callable(uri, true) || uri.contains(['?', '#']));
        let reserved = self.parameters.iter().find(|(name, _)| RESERVED.contains(&name.as_str()));
        let many = matches!(&self.protocol, Protocol::Oidc(Oidc { issuer: Issuer::Tenants(None), .. }));
        let checks = [
            (!is_name, "use 1 to 40 of `a` to `z`, `0` to `9` and `-` as the name".to_owned()),
            (TAKEN.contains(&name.as_ref()), "another route has this name in its path: use another one".to_owned()),
            (
                std::iter::once(&self.client_id).chain(self.native.iter().flatten()).any(String::is_empty),
                "the client id is empty".to_owned(),
            ),
            (
                self.native.is_some() && matches!(self.protocol, Protocol::OAuth2(_)),
                "OAuth 2.0 has no ID tokens, which `native` accepts".to_owned(),
            ),
            (self.leeway > Duration::from_secs(300), "the leeway is longer than five minutes".to_owned()),
            (
                many && (self.link_by_email || self.trust == Trust::Always),
                "anybody can make a tenant with any address: name the tenants, or do not link by address".to_owned(),
            ),
            (
                !self.pkce && (self.nonce_may_be_missing || matches!(self.protocol, Protocol::OAuth2(_))),
                "without PKCE and without a nonce, nothing binds a code to its browser".to_owned(),
            ),
        ];
        let said = checks.into_iter().filter_map(|(wrong, words)| wrong.then_some(words));
        let reserved = reserved.map(|(name, _)| format!("the library sets the parameter `{name}` itself"));
        let bad_url = bad_url.map(|url| format!("`{url}` is not an https URL"));
        let bad_redirect = bad_redirect.map(|uri| format!("the redirect URI `{uri}` is not a URL without a query"));
        said.chain(self.secret.fault()).chain(reserved).chain(bad_url).chain(bad_redirect).collect()
    }
}

/// [`Debug`] shows no secret.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("name", &self.name).field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
