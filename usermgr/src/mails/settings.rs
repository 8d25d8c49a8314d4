//! What an application has set of its mails.

use std::sync::Arc;

use super::view::MailRenderer;
use crate::{
    origin::WebOrigin,
    presentation::{Brand, Overrides},
};

/// The settings, unchecked.
#[derive(Clone)]
pub(super) struct Settings {
    /// Where users find the application, without a slash at the end.
    pub(super) base: String,
    pub(super) brand: Brand,
    pub(super) links: Vec<(String, String)>,
    pub(super) overrides: Overrides,
    pub(super) renderer: Option<Arc<dyn MailRenderer>>,
}

impl Settings {
    pub(super) fn new(base: &str) -> Self {
        let host = WebOrigin::at(base).map_or("", |(_, origin)| origin.host);
        Self {
            base: base.to_owned(),
            brand: Brand::new(host),
            links: Vec::new(),
            overrides: Overrides::default(),
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
