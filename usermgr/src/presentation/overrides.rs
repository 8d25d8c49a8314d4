//! What an application puts in place of shipped texts and templates, and in which languages.

use std::path::PathBuf;

use super::{Texts, files};

/// The overrides, unchecked.
#[derive(Clone)]
pub(crate) struct Overrides {
    /// Languages with their texts.
    pub(crate) texts: Vec<(String, String)>,
    /// Names of templates with their sources.
    pub(crate) templates: Vec<(String, String)>,
    pub(crate) folders: Vec<PathBuf>,
    /// The languages that a reader can get. `None` for all that have texts.
    pub(crate) languages: Option<Vec<String>>,
    /// The language of readers who are not known to understand another one.
    pub(crate) language: String,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            templates: Vec::new(),
            folders: Vec::new(),
            languages: None,
            language: "en".to_owned(),
        }
    }
}

impl Overrides {
    /// The texts, and the templates of the application. Beside a renderer, templates would not be used.
    pub(crate) fn read(&self, has_renderer: bool, faults: &mut Vec<String>) -> (Texts, Vec<(String, String)>) {
        let (mut texts, mut templates) = (self.texts.clone(), self.templates.clone());
        for folder in &self.folders {
            files::read(folder, &mut texts, &mut templates, faults);
        }
        if has_renderer && !templates.is_empty() {
            faults.push("the templates are not used, since there is a renderer: leave out one of the two".to_owned());
        }
        (Texts::new(&texts, self.languages.as_deref(), &self.language, faults), templates)
    }
}
