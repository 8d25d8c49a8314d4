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
        let authority = base.split("://").nth(1).unwrap_or_default();
        Self {
            base: base.to_owned(),
            brand: Brand::new(authority.split(['/', ':']).next().unwrap_or_default()),
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
