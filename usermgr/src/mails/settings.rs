//! What an application has set of its mails.

use std::{path::PathBuf, sync::Arc};

use super::view::MailRenderer;
use crate::presentation::Brand;

/// The settings, unchecked.
#[derive(Clone)]
pub(super) struct Settings {
    /// Where users find the application, without a slash at the end.
    pub(super) base: String,
    pub(super) brand: Brand,
    pub(super) links: Vec<(String, String)>,
    pub(super) texts: Vec<(String, String)>,
    pub(super) templates: Vec<(String, String)>,
    pub(super) folders: Vec<PathBuf>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) language: String,
    pub(super) renderer: Option<Arc<dyn MailRenderer>>,
}

impl Settings {
    pub(super) fn new(base: &str) -> Self {
        let authority = base.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        // The colons of an IPv6 address stand in brackets, and are no beginning of a port.
        let end = authority.find(']').map_or_else(|| authority.find(':'), |at| Some(at + 1));
        let host = end.map_or(authority, |end| &authority[..end]);
        Self {
            base: base.to_owned(),
            brand: Brand::new(host),
            links: Vec::new(),
            texts: Vec::new(),
            templates: Vec::new(),
            folders: Vec::new(),
            languages: None,
            language: "en".to_owned(),
            renderer: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_brand_the_host_is_its_name() {
        for (base, name) in [
            ("https://shop.example", "shop.example"),
            ("http://localhost:8000/app", "localhost"),
            ("https://[2001:db8::1]:8443/app", "[2001:db8::1]"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            ("nonsense", ""),
        ] {
            assert_eq!(Settings::new(base).brand.name, name, "{base}");
        }
    }
}
