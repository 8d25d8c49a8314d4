//! The presets. Their names, and the ids of accounts, are those that FastAPI Users has stored, so that imported
//! identities still sign in.

use serde_json::Value;

use super::{
    issuer::Issuer,
    oauth2::{OAuth2, id},
    provider::{AuthMethod, Oidc, Protocol, Provider, SubjectClaim, Trust},
    reader::{Api, IdentityReader, ProviderError, RemoteIdentity},
    secret::{APPLE, AppleKey, ClientSecret, Held},
};

const GOOGLE: &str = "https://accounts.google.com";
const GITLAB: &str = "https://gitlab.com";
const GITHUB: &str = "https://api.github.com";

impl Provider {
    /// Google. It is trusted for addresses of Google itself, and of the domains that it hosts; elsewhere it is not
    /// authoritative for an address.
    pub fn google(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        Self::oidc("google", GOOGLE, client_id, secret).label("Google").trusted(Trust::Google)
    }

    /// GitHub. The address is the primary one, if GitHub has verified it.
    pub fn github(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let endpoints =
            OAuth2::new("https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token")
                .reader(GitHub);
        let provider = Self::oauth2("github", endpoints, client_id, secret).label("GitHub");
        // Its documentation names only the body.
        provider.scopes(["user", "user:email"]).trusted(Trust::Always).auth_method(AuthMethod::Post)
    }

    /// Microsoft Entra ID, for one tenant, for a list of tenants, or for all. Microsoft does not verify addresses, so
    /// none is trusted, unless the claim `xms_edov` says that the tenant owns its domain and `trust_email` is set.
    pub fn microsoft(tenant: Tenant, client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let Tenant(tenants) = tenant;
        let at = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let (issuer, discovery, subject) = match tenants {
            Tenants::One(id) => (Issuer::Exactly(at(&id)), at(&id), SubjectClaim::Oid),
            Tenants::Some(ids) => (Issuer::Tenants(Some(ids)), at("organizations"), SubjectClaim::TenantAndOid),
            Tenants::All => (Issuer::Tenants(None), at("common"), SubjectClaim::TenantAndOid),
        };
        let oidc = Oidc { issuer, discovery, subject, verified: "xms_edov" };
        Self::new("microsoft", Protocol::Oidc(oidc), client_id, secret)
            .label("Microsoft")
            .scopes(["openid", "email", "profile"])
    }

    /// Apple. The client id is that of the Services ID, and the key makes the client's secret. The browser comes back
    /// with a form. Addresses are trusted, those of Apple's relay too.
    pub fn apple(client_id: impl Into<String>, key: AppleKey) -> Self {
        Self::oidc("apple", APPLE, client_id, ClientSecret(Held::Apple(key)))
            .label("Apple")
            .scopes(["openid", "email", "name"])
            .trusted(Trust::Always)
            .form_post()
    }

    /// GitLab.com. For your own GitLab, use [`oidc`](Self::oidc) with its URL as the issuer.
    pub fn gitlab(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        Self::oidc("gitlab", GITLAB, client_id, secret).label("GitLab").trusted(Trust::Always)
    }

    /// Discord.
    pub fn discord(client_id: impl Into<String>, secret: ClientSecret) -> Self {
        let endpoints = OAuth2::new("https://discord.com/api/oauth2/authorize", "https://discord.com/api/oauth2/token")
            .revocation("https://discord.com/api/oauth2/token/revoke")
            .profile("https://discord.com/api/users/@me")
            .email("/email")
            .verified("/verified");
        let provider = Self::oauth2("discord", endpoints, client_id, secret).label("Discord");
        provider.scopes(["identify", "email"]).trusted(Trust::Always)
    }
}

/// The tenants of Microsoft Entra ID whose users may sign in.
///
/// ```
/// use usermgr::oauth::{ClientSecret, Provider, Tenant};
/// let tenant = Tenant::id("9d5c0c9e-0c64-4b3c-9f70-1f9c5b0a1e11");
/// let microsoft = Provider::microsoft(tenant, "our-id", ClientSecret::env("MICROSOFT_SECRET"));
/// assert_eq!(microsoft.name(), "microsoft");
/// ```
#[derive(Clone, Debug)]
pub struct Tenant(Tenants);

#[derive(Clone, Debug)]
enum Tenants {
    One(String),
    Some(Vec<String>),
    All,
}

impl Tenant {
    /// One tenant, by its id, a GUID in lower case. The id of an account is `oid`, as FastAPI Users stores it.
    pub fn id(id: impl Into<String>) -> Self {
        Self(Tenants::One(id.into()))
    }

    /// Several tenants, by their ids. The id of an account is that of the tenant, a slash, and `oid`.
    pub fn any_of<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> Self {
        Self(Tenants::Some(ids.into_iter().map(Into::into).collect()))
    }

    /// Every tenant, and personal accounts.
    pub fn all() -> Self {
        Self(Tenants::All)
    }
}

/// Reads GitHub's two documents. The address of the first is the public one, which is not verified.
struct GitHub;

#[async_trait::async_trait]
impl IdentityReader for GitHub {
    async fn read(&self, api: &Api<'_>) -> Result<RemoteIdentity, ProviderError> {
        let Value::Object(raw) = api.get(&format!("{GITHUB}/user")).await? else {
            return Err(ProviderError::refused("the user is not an object"));
        };
        let subject = raw.get("id").and_then(id).ok_or_else(|| ProviderError::refused("the user has no id"))?;
        let emails = api.get(&format!("{GITHUB}/user/emails")).await?;
        let is = |row: &Value, flag: &str| row[flag] == Value::Bool(true);
        let primary = emails.as_array().into_iter().flatten().find(|row| is(row, "primary") && is(row, "verified"));
        let email = primary.and_then(|row| row["email"].as_str()).map(str::to_owned);
        Ok(RemoteIdentity { subject, email_verified: email.is_some(), email, raw })
    }
}

#[cfg(test)]
mod tests;
