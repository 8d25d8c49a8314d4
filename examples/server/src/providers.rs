//! The providers with which users of this server sign in, as options name them.

use std::{path::Path, str::FromStr};

use clap::Args;
use usermgr::oauth::{AppleKey, ClientSecret, OAuth, Provider, Tenant};

use crate::options::Options;

/// Sign-in through other providers. A secret is a text, or `@FILE`.
#[derive(Args)]
pub(crate) struct Providers {
    /// A provider of OpenID Connect: `NAME,ISSUER,CLIENT_ID,CLIENT_SECRET`. May be given several times; in the variable, one per line.
    #[arg(long, env = "USERMGR_OIDC", hide_env_values = true, value_delimiter = '\n', global = true)]
    oidc: Vec<Words<4>>,
    /// A provider of `--oidc` whose addresses are trusted: every account there with a verified address is the person with this address.
    #[arg(long, env = "USERMGR_OIDC_TRUST_EMAIL", value_delimiter = ',', global = true)]
    oidc_trust_email: Vec<String>,
    /// Link accounts by address, where the provider is trusted and has verified it.
    #[arg(long, env = "USERMGR_LINK_BY_EMAIL", global = true)]
    link_by_email: bool,
    /// An origin to whose pages a sign-in may return. May be given several times; in the variable, separate them with commas.
    #[arg(long, env = "USERMGR_RETURN_TO", value_delimiter = ',', global = true)]
    return_to: Vec<String>,
    /// Call providers at private addresses and without TLS, for tests.
    #[arg(long, env = "USERMGR_OAUTH_PRIVATE", global = true)]
    oauth_private: bool,
    /// Google: `CLIENT_ID,CLIENT_SECRET`.
    #[arg(long, env = "USERMGR_GOOGLE", hide_env_values = true, global = true)]
    google: Option<Words<2>>,
    /// GitHub: `CLIENT_ID,CLIENT_SECRET`.
    #[arg(long, env = "USERMGR_GITHUB", hide_env_values = true, global = true)]
    github: Option<Words<2>>,
    /// Microsoft: `CLIENT_ID,CLIENT_SECRET,TENANT_ID`.
    #[arg(long, env = "USERMGR_MICROSOFT", hide_env_values = true, global = true)]
    microsoft: Option<Words<3>>,
    /// Apple: `SERVICES_ID,@KEY_FILE,TEAM_ID,KEY_ID`.
    #[arg(long, env = "USERMGR_APPLE", hide_env_values = true, global = true)]
    apple: Option<Words<4>>,
    /// GitLab.com: `CLIENT_ID,CLIENT_SECRET`.
    #[arg(long, env = "USERMGR_GITLAB", hide_env_values = true, global = true)]
    gitlab: Option<Words<2>>,
    /// Discord: `CLIENT_ID,CLIENT_SECRET`.
    #[arg(long, env = "USERMGR_DISCORD", hide_env_values = true, global = true)]
    discord: Option<Words<2>>,
}

/// So many words, separated by commas.
#[derive(Clone)]
struct Words<const N: usize>([String; N]);

impl<const N: usize> FromStr for Words<N> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split(',').map(|word| word.trim().to_owned()).collect();
        let count = words.len();
        words.try_into().map(Self).map_err(|_| format!("{count} words, where {N} are needed, separated by commas"))
    }
}

/// A secret: a text, or the content of a file.
fn secret(text: &str) -> ClientSecret {
    match text.strip_prefix('@') {
        Some(file) => ClientSecret::file(Path::new(file)),
        None => ClientSecret::new(text),
    }
}

impl Providers {
    /// The part of the engine, if the options name a provider.
    pub(crate) fn part(&self, options: &Options) -> Option<OAuth> {
        let all = self.all();
        if all.is_empty() {
            return None;
        }
        let base = options.base_url.as_ref().map_or_else(|| format!("http://{}", options.listen), |url| url.0.clone());
        let oauth = all.into_iter().fold(OAuth::at(base).backend("cookie"), |oauth, provider| {
            oauth.provider(if self.link_by_email { provider.link_by_email() } else { provider })
        });
        let oauth = self.return_to.iter().fold(oauth, |oauth, origin| oauth.return_to(origin));
        Some(match self.oauth_private {
            true => oauth.dangerous_private_addresses().dangerous_plain_http(),
            false => oauth,
        })
    }

    fn all(&self) -> Vec<Provider> {
        let oidc = self.oidc.iter().map(|Words([name, issuer, id, text])| {
            let provider = Provider::oidc(name.clone(), issuer, id, secret(text));
            if self.oidc_trust_email.contains(name) { provider.trust_email() } else { provider }
        });
        let presets = [
            self.google.as_ref().map(|Words([id, text])| Provider::google(id, secret(text))),
            self.github.as_ref().map(|Words([id, text])| Provider::github(id, secret(text))),
            self.microsoft
                .as_ref()
                .map(|Words([id, text, tenant])| Provider::microsoft(Tenant::id(tenant), id, secret(text))),
            self.apple
                .as_ref()
                .map(|Words([id, key, team, key_id])| Provider::apple(id, AppleKey::new(team, key_id, secret(key)))),
            self.gitlab.as_ref().map(|Words([id, text])| Provider::gitlab(id, secret(text))),
            self.discord.as_ref().map(|Words([id, text])| Provider::discord(id, secret(text))),
        ];
        oidc.chain(presets.into_iter().flatten()).collect()
    }
}
