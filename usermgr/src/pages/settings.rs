//! What an application has set of its pages.

use std::sync::Arc;

use super::{ProfileField, renderer::PageRenderer};
use crate::presentation::{Brand, Overrides};

/// The settings, unchecked.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) backend: String,
    pub(super) brand: Option<Brand>,
    pub(super) home: Option<String>,
    pub(super) below: String,
    pub(super) origins: Vec<String>,
    pub(super) overrides: Overrides,
    pub(super) styles: Vec<String>,
    pub(super) password_length: usize,
    pub(super) fields: Vec<ProfileField>,
    pub(super) without: Vec<String>,
    pub(super) renderer: Option<Arc<dyn PageRenderer>>,
}

impl Settings {
    pub(super) fn new(backend: String) -> Self {
        Self {
            backend,
            brand: None,
            home: None,
            below: String::new(),
            origins: Vec::new(),
            overrides: Overrides::default(),
            styles: Vec::new(),
            password_length: 15,
            fields: Vec::new(),
            without: Vec::new(),
            renderer: None,
        }
    }
}
