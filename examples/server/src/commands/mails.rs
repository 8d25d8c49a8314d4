//! What an operator tries before users get mails: one test mail, and a look at all of them.

use std::{fs, path::Path};

use serde_json::json;
use usermgr::{EmailAddress, Mail};

use super::{Done, exit::Failure, print};
use crate::options::Options;

/// Sends a mail through the mail server, and prints its answer.
///
/// # Errors
/// There is no mail server, the address is invalid, or the mail server does not accept the mail.
pub(crate) async fn send_test(options: &Options, to: &str) -> Done {
    let smtp = options.post.smtp(options)?.ok_or_else(|| Failure::usage("send-test-mail needs --smtp-url"))?;
    let to = EmailAddress::parse(to).map_err(|_| Failure::usage("--to is not an address"))?;
    let mail = Mail::to(&to)
        .subject("Test")
        .text("This is a test of the mail server. There is nothing to do.\n")
        .language("en");
    let answer = smtp.submit(&mail).await.map_err(|error| error.to_string())?;
    print(&json!({ "accepted": answer }))
}

/// Writes every mail in every language into a folder.
///
/// # Errors
/// The settings of mails are wrong, or a file cannot be written.
pub(crate) fn preview(options: &Options, folder: &Path) -> Done {
    let (mails, sender) = (options.post.mails(options)?, options.post.preview_sender(options)?);
    let all = mails.previews()?;
    for (name, mail) in &all {
        let folder = folder.join(mail.language.as_deref().unwrap_or_default());
        fs::create_dir_all(&folder)?;
        let written = sender.formatted(mail).map_err(|error| error.to_string())?;
        fs::write(folder.join(format!("{name}.eml")), written)?;
        fs::write(folder.join(format!("{name}.txt")), &mail.text)?;
        fs::write(folder.join(format!("{name}.html")), mail.html.as_deref().unwrap_or_default())?;
    }
    print(&json!({ "mails": all.len() }))
}
