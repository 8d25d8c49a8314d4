//! The file that replaces a mail service.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::json;
use usermgr::EmailAddress;

use crate::private_file::append_to;

/// One JSON line for each mail.
pub(super) struct MailFile(Mutex<File>);

impl MailFile {
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self(Mutex::new(append_to(path)?)))
    }

    /// # Errors
    /// The file cannot be written.
    pub(super) fn append(&self, event: &str, email: &EmailAddress, token: Option<&str>) -> std::io::Result<()> {
        let line = json!({ "event": event, "email": email, "token": token });
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
    }
}
