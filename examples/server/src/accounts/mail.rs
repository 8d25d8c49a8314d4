//! The file that replaces a mail service.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde_json::json;
use usermgr::{EmailAddress, Mail};

use crate::private_file::append_to;

/// One JSON line for each mail.
pub(super) struct MailFile(Mutex<File>);

impl MailFile {
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self(Mutex::new(append_to(path)?)))
    }

    /// Appends a line: what happened to which address, the token and the code of the mail, and the mail itself, if there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn append(
        &self,
        event: &str,
        email: &EmailAddress,
        (token, code): (Option<&str>, Option<&str>),
        mail: Option<&Mail>,
    ) -> std::io::Result<()> {
        let line = json!({
            "event": event, "email": email, "token": token, "code": code,
            "subject": mail.map(|mail| &mail.subject), "text": mail.map(|mail| &mail.text), "html": mail.map(|mail| &mail.html),
            "language": mail.map(|mail| &mail.language), "link": mail.map(|mail| &mail.link),
        });
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
    }
}
