//! The folder of an application with its own templates and texts.

use std::{fs, path::Path};

/// Named sources: templates by their file names, texts by their languages.
pub(super) type Sources = Vec<(String, String)>;

/// Reads the templates and texts of a folder.
pub(super) fn read(folder: &Path, texts: &mut Sources, templates: &mut Sources, faults: &mut Vec<String>) {
    let shown = folder.display();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return faults.push(format!("the folder `{shown}` cannot be read: {error}")),
    };
    for entry in entries {
        let read = entry.and_then(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_hidden = name.starts_with('.');
            if is_hidden { Ok(None) } else { fs::read_to_string(entry.path()).map(|source| Some((name, source))) }
        });
        match read {
            Err(error) => faults.push(format!("a file in the folder `{shown}` cannot be read: {error}")),
            Ok(None) => {}
            Ok(Some((name, source))) => match name.rsplit_once('.') {
                Some((language, "json")) => texts.push((language.to_owned(), source)),
                Some((_, "html" | "txt")) => templates.push((name, source)),
                _ => faults.push(format!(
                    "`{name}` in the folder `{shown}` is neither a template (`*.html`, `*.txt`) nor has it the texts of a language (`*.json`)"
                )),
            },
        }
    }
}
