//! The mails and pages of this server, as options name them: what they look like, and the mail server that passes mails on.

use std::{fs, path::PathBuf};

use clap::Args;
use usermgr::{
    ConfigError,
    mail::{Brand, Mail, MailError, Mailer, Mails, Smtp},
    pages::Pages,
};

use crate::options::{Options, Switch};

/// Real mail, and pages.
#[derive(Args)]
pub(crate) struct Post {
    /// The mail server: `smtps://USER:PASSWORD@HOST`, `smtp://USER:PASSWORD@HOST` (with STARTTLS), or on this machine
    /// `smtp://localhost:25?tls=none`. Needs `--base-url`, unless the server listens on a loopback address.
    #[arg(long, env = "USERMGR_SMTP_URL", hide_env_values = true, global = true)]
    smtp_url: Option<String>,
    /// The file with the authority of the mail server's certificate, as PEM, if it is a private one.
    #[arg(long, env = "USERMGR_SMTP_AUTHORITY", requires = "smtp_url", global = true)]
    smtp_authority: Option<PathBuf>,
    /// The sender of mails, as in `Shop <accounts@shop.example>`. Without it, `accounts` at the host of the base URL.
    #[arg(long, env = "USERMGR_MAIL_FROM", global = true)]
    mail_from: Option<String>,
    /// A folder with templates (`*.html`, `*.txt`) and texts (`LANGUAGE.json`) in place of the shipped ones.
    #[arg(long, env = "USERMGR_MAIL_TEMPLATES", global = true)]
    mail_templates: Option<PathBuf>,
    /// Pages for people under `/account`, and those for administrators under `/account/admin`.
    #[arg(long, env = "USERMGR_PAGES", default_value = "off", global = true)]
    pub(crate) pages: Switch,
    /// A folder with templates (`*.html`) and texts (`LANGUAGE.json`) of pages in place of the shipped ones.
    #[arg(long, env = "USERMGR_PAGE_TEMPLATES", global = true)]
    page_templates: Option<PathBuf>,
    /// The language of mails and pages for users who are not known to understand another one.
    #[arg(long, env = "USERMGR_LANGUAGE", default_value = "en", global = true)]
    language: String,
    /// The name of the application in mails and pages. Without it, the host of the base URL.
    #[arg(long, env = "USERMGR_BRAND_NAME", global = true)]
    brand_name: Option<String>,
    /// The colour of buttons, as `#rrggbb`.
    #[arg(long, env = "USERMGR_BRAND_ACCENT", default_value = "#0b57d0", global = true)]
    brand_accent: String,
}

/// The mail server, if there is one. Without one, mails are only made, for `--mail-file`.
struct Relay(Option<Smtp>);

#[async_trait::async_trait]
impl Mailer for Relay {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        match &self.0 {
            Some(smtp) => smtp.send(mail).await,
            None => Err(MailError::misconfigured("there is no `--smtp-url`")),
        }
    }
}

impl Post {
    /// Whether mails are sent.
    pub(crate) fn sends(&self) -> bool {
        self.smtp_url.is_some()
    }

    /// The mail server.
    ///
    /// # Errors
    /// The URL, the sender or the authority cannot be read.
    pub(crate) fn smtp(&self, options: &Options) -> Result<Option<Smtp>, Box<dyn std::error::Error>> {
        let Some(url) = &self.smtp_url else { return Ok(None) };
        let smtp = Smtp::new(url, &self.sender(options))?;
        Ok(Some(match &self.smtp_authority {
            Some(file) => smtp.authority(&fs::read(file)?)?,
            None => smtp,
        }))
    }

    /// The sender for a preview, which no mail server sends.
    ///
    /// # Errors
    /// The sender cannot be read.
    pub(crate) fn preview_sender(&self, options: &Options) -> Result<Smtp, ConfigError> {
        Smtp::new("smtp://localhost?tls=none", &self.sender(options))
    }

    fn sender(&self, options: &Options) -> String {
        let host = host(options.base_url.as_ref().map_or("", |base| &base.0));
        // A number is no domain of an address.
        let is_name = host.contains(|c: char| c.is_ascii_alphabetic());
        self.mail_from.clone().unwrap_or_else(|| format!("accounts@{}", if is_name { host } else { "localhost" }))
    }

    /// The mails of all messages.
    ///
    /// # Errors
    /// The mail server is not set up, or users could not follow the links.
    pub(crate) fn mails(&self, options: &Options) -> Result<Mails, Box<dyn std::error::Error>> {
        if self.sends() && options.base_url.is_none() && !options.listen.ip().is_loopback() {
            return Err("--smtp-url needs --base-url: the links in mails begin with it".into());
        }
        let mails = Mails::new(base(options), Relay(self.smtp(options)?));
        let mails = mails.brand(self.brand(options)).language(&self.language);
        Ok(match &self.mail_templates {
            Some(folder) => mails.folder(folder),
            None => mails,
        })
    }
}

impl Post {
    /// The pages, if they are asked for.
    pub(crate) fn pages(&self, options: &Options) -> Option<Pages> {
        let pages = Pages::new("cookie").brand(self.brand(options)).language(&self.language);
        let pages = pages.password_length(options.min_password);
        let pages = match &self.page_templates {
            Some(folder) => pages.folder(folder),
            None => pages,
        };
        (self.pages == Switch::On).then_some(pages)
    }

    fn brand(&self, options: &Options) -> Brand {
        let base = base(options);
        Brand::new(self.brand_name.as_deref().unwrap_or(host(&base))).accent(&self.brand_accent)
    }
}

/// Where users find this server.
fn base(options: &Options) -> String {
    let own = || format!("http://localhost:{}", options.listen.port());
    options.base_url.as_ref().map_or_else(own, |base| base.0.clone())
}

/// The host of an origin, without its port.
fn host(origin: &str) -> &str {
    origin.split("://").nth(1).and_then(|authority| authority.split(':').next()).unwrap_or_default()
}
