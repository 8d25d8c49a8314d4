//! A mailer for development, which writes mails into a folder that a browser can show.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;
use minijinja::HtmlEscape;

use crate::{
    mailer::{Mail, MailError, Mailer},
    private_file,
};

/// The line of the index below which mails are listed.
const MARK: &str = "<!-- mails -->\n";

/// The index before the first mail.
const INDEX: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>Mails</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}li{margin:.5rem 0}</style>
</head>
<body>
<h1>Mails</h1>
<p>The newest first. Load this page again to see new ones.</p>
<ul>
<!-- mails -->
</ul>
</body>
</html>
";

/// Writes each mail into a folder, for development: open `index.html` there in a browser. No route of the application shows the mails, so
/// none can show them by mistake.
///
/// ```
/// use usermgr::{EmailAddress, Mail, Mailer, mail::MailFolder};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let folder = std::env::temp_dir().join(format!("usermgr-mails-{}", std::process::id()));
/// let mails = MailFolder::dangerous(&folder);
/// mails.send(Mail::to(&EmailAddress::parse("ada@example.com")?).subject("Welcome").text("Hello!")).await?;
/// assert!(std::fs::read_to_string(folder.join("index.html"))?.contains("Welcome"));
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct MailFolder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// The number of the last mail, so that two in one moment have two names.
    number: Mutex<u64>,
}

impl MailFolder {
    /// Creates the mailer. The folder is made with the first mail. Mails contain tokens, which grant access to accounts: a reader of the
    /// folder can use them.
    pub fn dangerous(path: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { path: path.into(), number: Mutex::new(0) }))
    }
}

#[async_trait]
impl Mailer for MailFolder {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let folder = self.0.clone();
        Ok(tokio::task::spawn_blocking(move || folder.write(&mail)).await??)
    }
}

impl Inner {
    fn write(&self, mail: &Mail) -> io::Result<()> {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        make_private_folder(&self.path)?;
        let at = Timestamp::now();
        let stem = format!("{}-{:04}", at.strftime("%Y-%m-%d-%H-%M-%S"), *number);
        write_private(&self.path.join(format!("{stem}.txt")), &mail.text)?;
        if let Some(html) = &mail.html {
            write_private(&self.path.join(format!("{stem}.html")), html)?;
        }
        let index = self.path.join("index.html");
        let listed = fs::read_to_string(&index).unwrap_or_else(|_| INDEX.to_owned());
        let entry = entry(&stem, mail, at);
        write_private(&index, &listed.replacen(MARK, &format!("{MARK}{entry}"), 1))
    }
}

/// The line of a mail in the index.
fn entry(stem: &str, mail: &Mail, at: Timestamp) -> String {
    let mut entry = String::from("<li>");
    let (subject, to) = (HtmlEscape(&mail.subject), HtmlEscape(mail.to.as_str()));
    // Writing into a text cannot fail.
    let _ = match &mail.html {
        Some(_) => write!(entry, "<a href=\"{stem}.html\">{subject}</a> (<a href=\"{stem}.txt\">text</a>)"),
        None => write!(entry, "<a href=\"{stem}.txt\">{subject}</a>"),
    };
    let _ = writeln!(entry, " to {to}, {}</li>", at.strftime("%H:%M:%S UTC"));
    entry
}

/// Only the owner reads what grants access.
fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    private_file::options().create(true).truncate(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::EmailAddress;

    #[tokio::test]
    async fn the_index_lists_the_newest_mail_first_and_escapes_what_it_shows() {
        let path = std::env::temp_dir().join(format!("usermgr-folder-{}", std::process::id()));
        let folder = MailFolder::dangerous(&path);
        let mail = |subject: &str| Mail::to(&EmailAddress::from_stored("<b>@x.example")).subject(subject).text("text");
        folder.send(mail("First")).await.unwrap();
        folder.send(mail("Second & last").html("<p>html</p>")).await.unwrap();
        let index = fs::read_to_string(path.join("index.html")).unwrap();
        let (first, second) = (index.find("First").unwrap(), index.find("Second &amp; last").unwrap());
        assert!(second < first && index.contains("&lt;b&gt;@x.example") && !index.contains("<b>@"));
        let shown: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(shown.len(), 4, "{shown:?}");
        #[cfg(unix)]
        for entry in shown {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0);
        }
        fs::remove_dir_all(path).unwrap();
    }
}
