//! The check of new passwords against data breaches, by ranges of digests as Have I Been Pwned serves them: five
//! hexadecimal digits go in, and the digests that begin with them come back.

mod range;
mod sha1;

use std::{
    error::Error,
    fmt::{self, Write},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::config_error::ConfigError;

/// How many checks run at once. The others wait within their time.
const AT_ONCE: usize = 32;
/// The number of hexadecimal digits that name a range.
const PREFIX: usize = 5;

type Fetched = Pin<Box<dyn Future<Output = Result<String, Box<dyn Error + Send + Sync>>> + Send>>;

/// Refuses new passwords that have appeared in a data breach (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0, 6.2.12), as a part of
/// the engine. It works with the ranges of [Pwned Passwords](https://haveibeenpwned.com/API/v3#PwnedPasswords): of the
/// password only the first five hexadecimal digits of its SHA-1 digest are used to ask, which fit every millionth
/// password.
///
/// It is asked whenever a password is set: at registration, creation, change, reset and update, after the
/// [policy](crate::UserManager::validate_password) has accepted the password. A login never asks it, because its time
/// would reveal whether the password was right. A password that is found is an
/// [`InvalidPassword`](crate::InvalidPassword) with the code `breached`.
///
/// A check that takes longer than three seconds, fails, or gets something unreadable raises the event
/// `breach_check_failed`, and the password is accepted, unless the check is [closed](Self::closed). At most 32 checks run
/// at once; others wait for their turn within their three seconds.
///
/// ```
/// use usermgr::{Engine, MemoryStore, password::Breaches};
///
/// # async fn get(url: String, header: (&str, &str)) -> std::io::Result<String> { Ok(url) }
/// let breaches = Breaches::online(|range| async move {
///     let url = format!("https://api.pwnedpasswords.com/range/{range}");
///     get(url, ("Add-Padding", "true")).await
/// });
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(breaches)?;
/// # let _ = engine;
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
pub struct Breaches {
    source: Source,
    closed: bool,
    slots: Arc<Semaphore>,
}

enum Source {
    Online(Box<dyn Fn(String) -> Fetched + Send + Sync>),
    Folder(PathBuf),
}

/// Why a password could not be checked. It repeats no digit of its digest.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unchecked {
    #[error("the source failed: {0}")]
    Source(String),
    #[error("the range is longer than a mebibyte")]
    TooLong,
    #[error("the range is not a list of digests and counts")]
    Unreadable,
}

impl Breaches {
    /// Asks a service through your HTTP client. `fetch` gets the five hexadecimal digits of a range, in upper case, and
    /// returns the text of that range: lines of 35 hexadecimal digits, a colon and a count, of at most one mebibyte. It
    /// must return an error for a status that is not 200.
    ///
    /// Send the header `Add-Padding: true`. Without it, the size of the encrypted answer reveals the range. Padding is
    /// lines with the count 0, which are ignored. Set limits of the client below three seconds, so that it does not go on
    /// after the check has given up. The text of an error becomes a part of the event, without the digits.
    pub fn online<F, T, E>(fetch: F) -> Self
    where
        F: Fn(String) -> T + Send + Sync + 'static,
        T: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::of(Source::Online(Box::new(move |range| {
            let fetched = fetch(range);
            Box::pin(async move { fetched.await.map_err(Into::into) })
        })))
    }

    /// Reads from a folder with one file for each range, as `haveibeenpwned-downloader ranges -s false` writes it:
    /// `ranges/00000.txt` to `ranges/FFFFF.txt`, tens of gigabytes in a million files. Nothing leaves the machine. Files are
    /// read on the threads of tokio for blocking work, up to one mebibyte. They can be replaced at any time.
    ///
    /// The engine is not built if the folder does not exist. A range whose file is missing is a failed check.
    ///
    /// ```
    /// use usermgr::{Engine, MemoryStore, password::Breaches};
    /// let engine = Engine::<MemoryStore>::new(MemoryStore::new()).with(Breaches::folder("no/such/folder"));
    /// assert!(engine.unwrap_err().to_string().contains("`no/such/folder` is not a folder"));
    /// ```
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::of(Source::Folder(path.into()))
    }

    /// Refuses a password that cannot be checked: the operation fails with
    /// [`Fault::BreachCheck`](crate::Fault::BreachCheck), which is answered with 503. Then users can register and change
    /// their passwords only while the source answers. Default: the password is accepted.
    #[must_use]
    pub fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    fn of(source: Source) -> Self {
        Self { source, closed: false, slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Finds what is wrong before any password is checked.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match &self.source {
            Source::Folder(path) if !path.is_dir() => Err(ConfigError::new(format!(
                "`{}` is not a folder: `Breaches::folder` needs one with a file for each range, such as `00000.txt`",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Returns whether a password has appeared in a breach. It sets no time limit.
    pub(crate) async fn contain(&self, password: &str) -> Result<bool, Unchecked> {
        let digits = digits(password);
        let (range, rest) = digits.split_at(PREFIX);
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|error| failed(&error, range))?;
        let text = match &self.source {
            Source::Online(fetch) => {
                let text = fetch(range.to_owned()).await.map_err(|error| failed(&*error, range))?;
                text.into_bytes()
            }
            Source::Folder(folder) => read(folder, range, slot).await?,
        };
        range::contains(&text, rest)
    }
}

/// Returns the digest of a password in hexadecimal digits.
fn digits(password: &str) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(40));
    for byte in sha1::digest(password.as_bytes()).iter() {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02X}");
    }
    digits
}

/// An error of the source, without the digits of the range: with the account in the same event, they would help to guess
/// its password.
fn failed(error: &(dyn Error + 'static), range: &str) -> Unchecked {
    let text = error.to_string();
    Unchecked::Source(text.replace(range, "*****").replace(&range.to_ascii_lowercase(), "*****"))
}

/// Reads the file of a range. The slot is kept until the file is read, even if the check has given up.
async fn read(folder: &Path, range: &str, slot: OwnedSemaphorePermit) -> Result<Vec<u8>, Unchecked> {
    let path = folder.join(format!("{range}.txt"));
    let reading = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        let mut text = Vec::new();
        File::open(path)?.take(range::MOST + 1).read_to_end(&mut text)?;
        Ok::<_, io::Error>(text)
    });
    reading.await.map_err(|error| failed(&error, range))?.map_err(|error| failed(&error, range))
}

impl fmt::Debug for Breaches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Source::Online(_) => "online".into(),
            Source::Folder(path) => path.display().to_string(),
        };
        f.debug_struct("Breaches").field("source", &source).field("closed", &self.closed).finish()
    }
}

#[cfg(test)]
mod tests;
