//! The links in mails. They are made from the configured base URL, never from a request (ASVS 5.0, 6.2; a forged `Host` would lead users
//! and their tokens elsewhere).

use std::collections::HashMap;

use super::kind::{KINDS, Kind};
use crate::{origin, presentation::encoded};

/// The place of the token in a link.
const PLACE: &str = "{token}";

/// The links of all mails that have one.
pub(super) struct Links(HashMap<&'static str, String>);

impl Links {
    /// Joins the links to the base URL. `own` are those of the application, by the name of the mail.
    pub(super) fn new(base: &str, own: &[(String, String)], faults: &mut Vec<String>) -> Self {
        if !origin::is_base(base, false) {
            faults.push(format!(
                "`{base}` is not where users find the application: write it as in `https://example.com`; `http` is for the own machine"
            ));
        }
        let mut links = HashMap::new();
        for kind in &KINDS {
            if let Some(path) = kind.path {
                links.insert(kind.name, format!("{base}{path}"));
            }
        }
        for (name, link) in own {
            let Some(Kind { name, path: Some(_), .. }) = Kind::named(name) else {
                let linked: Vec<_> = KINDS.iter().filter(|kind| kind.path.is_some()).map(|kind| kind.name).collect();
                let why = if Kind::named(name).is_some() { "has no link" } else { "does not exist" };
                faults.push(format!("the mail `{name}` {why}: `link` is for {}", linked.join(", ")));
                continue;
            };
            let link = if link.starts_with('/') { format!("{base}{link}") } else { link.clone() };
            let (before, after) = link.split_once(PLACE).unwrap_or((&link, PLACE));
            if !origin::is_base(before.split(['?', '#']).next().unwrap_or_default(), false) || after.contains(PLACE) {
                faults.push(format!(
                    "the link `{link}` of the mail `{name}` must be a path or an `https` URL with one `{PLACE}` in it, as in \
                     `/verify?token={PLACE}`"
                ));
            }
            links.insert(name, link);
        }
        Self(links)
    }

    /// The link of a mail.
    pub(super) fn with(&self, name: &str, token: &str) -> Option<String> {
        let link = self.0.get(name)?;
        Some(link.replace(PLACE, &encoded(token)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(base: &str, own: &[(&str, &str)]) -> (Links, Vec<String>) {
        let own: Vec<_> = own.iter().map(|(name, link)| ((*name).to_owned(), (*link).to_owned())).collect();
        let mut faults = Vec::new();
        (Links::new(base, &own, &mut faults), faults)
    }

    #[test]
    fn nm2_a_link_is_made_from_the_base_url_and_the_token() {
        let (made, faults) = links(
            "https://shop.example/app",
            &[("reset", "/#/reset/{token}"), ("change_email", "https://app.example/mail?lang=x&token={token}")],
        );
        assert_eq!(faults, Vec::<String>::new());
        for (name, expected) in [
            ("verify", Some("https://shop.example/app/account/verify?token=a.b-_%2F")),
            ("reset", Some("https://shop.example/app/#/reset/a.b-_%2F")),
            ("change_email", Some("https://app.example/mail?lang=x&token=a.b-_%2F")),
            ("password_changed", None),
        ] {
            assert_eq!(made.with(name, "a.b-_/").as_deref(), expected);
        }
    }

    #[test]
    fn t11_a_base_or_a_link_that_is_none_is_a_fault() {
        for base in [
            "",
            "shop.example",
            "http://shop.example",
            "https://",
            "https://a@shop.example",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://shop.example/a b",
        ] {
            assert!(!links(base, &[]).1.is_empty(), "{base}");
        }
        for base in [
            "https://shop.example",
            "http://localhost:8000",
            "http://127.0.0.1",
            "http://[::1]:80",
            "https://[2001:db8::1]/x",
        ] {
            assert!(links(base, &[]).1.is_empty(), "{base}");
        }
        for (name, link) in [
            ("verify", "/verify"),
            ("verify", "/verify?a={token}&b={token}"),
            ("verify", "http://app.example/?token={token}"),
            ("verify", "javascript:{token}"),
            ("verify", "https://{token}.example/"),
            ("password_changed", "/x?token={token}"),
            ("verfy", "/x?token={token}"),
        ] {
            assert_eq!(links("https://shop.example", &[(name, link)]).1.len(), 1, "{name}: {link}");
        }
    }
}
