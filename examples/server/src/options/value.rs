//! The types of the options' values: each reads a text and refuses it in words.

use std::{convert::Infallible, path::PathBuf, str::FromStr};

use clap::ValueEnum;
use usermgr::{Secret, password::Argon2Params};

/// The name of a header, in lower case.
#[derive(Clone)]
pub(crate) struct NameOfHeader(pub(crate) String);

impl FromStr for NameOfHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match axum::http::HeaderName::try_from(text) {
            Ok(name) => Ok(Self(name.to_string())),
            Err(_) => Err("this is not the name of a header: write it as in `x-request-id`, and name each".into()),
        }
    }
}

/// How much responses reveal.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum HowMuch {
    Explicit,
    Discreet,
}

/// The framework that serves.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// The form of the log.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    Text,
    Json,
}

/// Where the counters of limits are.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CountersIn {
    Memory,
    Database,
    Redis,
}

/// Where the users are. What cannot be a URL of a database is refused later: here the message would repeat it, including the password.
#[derive(Clone)]
pub(crate) enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
    Mysql(String),
    Unknown,
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once("://") {
            Some(("sqlite", file)) if !file.is_empty() => Self::Sqlite(file.into()),
            Some(("postgres" | "postgresql", _)) => Self::Postgres(text.to_owned()),
            Some(("mysql" | "mariadb", _)) => Self::Mysql(text.to_owned()),
            _ => Self::Unknown,
        })
    }
}

/// A secret, or with an `@` before it the file that has it. It is judged with the other settings, so that no message repeats it.
#[derive(Clone)]
pub(crate) struct SecretOrFile(pub(crate) Secret);

impl FromStr for SecretOrFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(match text.strip_prefix('@') {
            Some(path) => Secret::file(path),
            None => Secret::new(text.trim()),
        }))
    }
}

/// The origin that browsers see, without a slash at its end.
#[derive(Clone)]
pub(crate) struct BaseUrl(pub(crate) String);

impl FromStr for BaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let url: Result<axum::http::Uri, _> = text.parse();
        let url = url.map_err(|_| "this is not a URL: write it as in `https://users.example.com`")?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.authority().is_none() {
            return Err("a URL has a scheme and a host: write it as in `https://users.example.com`");
        }
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("browsers see no name and no password: write the URL without them");
        }
        if url.path() != "/" || url.query().is_some() {
            return Err("the routes are at the root of their host: write the URL without a path");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// The cost of a hash, and what is wrong with it in production.
#[derive(Clone)]
pub(crate) struct Argon2Cost {
    pub(crate) params: Argon2Params,
    pub(crate) warning: Option<String>,
}

impl FromStr for Argon2Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let Ok([m, t, p]) = numbers.as_deref() else {
            return Err("expected three numbers, as in `19456,2,1`".into());
        };
        match Argon2Params::new(*m, *t, *p) {
            Ok(params) => Ok(Self { params, warning: None }),
            // A cost that is too low for production is useful in a test.
            Err(error) => match Argon2Params::dangerous(*m, *t, *p) {
                Ok(params) => Ok(Self { params, warning: Some(format!("--argon2 {text}: {error}")) }),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_origin() {
        for (text, expected) in [
            ("https://users.example.com", Some("https://users.example.com")),
            ("http://127.0.0.1:8000/", Some("http://127.0.0.1:8000")),
            ("users.example.com", None),
            ("ftp://users.example.com", None),
            ("https://users.example.com/api", None),
            ("https://users.example.com/?a=1", None),
            ("https://ada:canary@users.example.com", None),
            ("/", None),
        ] {
            let read = text.parse::<BaseUrl>().ok();
            assert_eq!(read.as_ref().map(|url| &*url.0), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_may_be_in_a_file() {
        let path = std::env::temp_dir().join(format!("usermgr-server-{}.secret", std::process::id()));
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        let secrets = [format!("@{}", path.display()), "0123456789abcdef0123456789abcdef".to_owned()];
        let [file, text] = secrets.map(|text| text.parse::<SecretOrFile>().unwrap().0);
        std::fs::remove_file(path).unwrap();
        assert_eq!(file.bytes().unwrap(), text.bytes().unwrap());
        let missing: SecretOrFile = "@/no/such/file".parse().unwrap();
        assert!(missing.0.bytes().unwrap_err().to_string().contains("/no/such/file"));
    }
}
