//! The file that replaces a mail service.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::json;
use usermgr::EmailAddress;

/// One JSON line for each mail.
pub(super) struct MailFile(Mutex<File>);

impl MailFile {
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        // It contains tokens.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Mutex::new(options.open(path)?)))
    }

    /// # Errors
    /// The file cannot be written.
    pub(super) fn append(&self, event: &str, email: &EmailAddress, token: Option<&str>) -> std::io::Result<()> {
        let line = json!({ "event": event, "email": email, "token": token });
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
    }
}
