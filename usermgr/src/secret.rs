//! The secrets from which keys are derived: their sources and their storage in memory. `Debug` does not show them.

mod derived;

use std::{
    env, fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

pub(crate) use derived::DerivedKey;

/// A secret from any source. A secret that could not be loaded is a value too, which contains the reason. So `check`
/// can report all faults of a configuration at once.
///
/// ```
/// use usermgr::Secret;
/// let secret = Secret::new("only-for-an-example-0123456789abcdef");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::env("A_VARIABLE_NOT_DEFINED").bytes().is_err());
/// ```
#[derive(Clone)]
pub struct Secret(Result<Arc<Zeroizing<Vec<u8>>>, SecretError>);

impl Secret {
    /// The shortest accepted secret, in bytes. RFC 7518 (3.2) requires the length of the output of SHA-256.
    pub const MIN_BYTES: usize = 32;

    /// Creates a secret from bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(Self::accept(bytes.as_ref()))
    }

    /// Reads a secret from an environment variable.
    pub fn env(name: &str) -> Self {
        Self(read_env(name).and_then(|text| text.ok_or_else(|| SecretError::Unset(name.into()))))
    }

    /// Reads a secret from a file. White space at both ends is ignored.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self(read_file(path.as_ref()))
    }

    /// Reads a secret from an environment variable, or from a file if the variable is not set. A missing file is
    /// created with 32 random bytes, readable only by its owner. One line on standard error says that the file was
    /// created, and where.
    pub fn env_or_file(name: &str, path: impl AsRef<Path>) -> Self {
        Self(match read_env(name) {
            Ok(None) => read_or_make_file(path.as_ref()),
            Ok(Some(secret)) => Ok(secret),
            Err(error) => Err(error),
        })
    }

    /// Reads a secret from a file. A missing file is created as [`Secret::env_or_file`] does.
    pub fn file_or_new(path: impl AsRef<Path>) -> Self {
        Self(read_or_make_file(path.as_ref()))
    }

    /// Returns the bytes.
    ///
    /// # Errors
    /// [`SecretError`] if the secret could not be loaded or is too short.
    pub fn bytes(&self) -> Result<&[u8], SecretError> {
        match &self.0 {
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(error.clone()),
        }
    }

    /// Returns the secret of a realm, which reveals nothing about this one or those of other realms.
    fn in_realm(&self, realm: &str) -> Self {
        let derived = |bytes: &[u8]| DerivedKey::of(bytes, &format!("realm:{realm}"));
        Self(self.bytes().and_then(derived).map(|key| Arc::new(Zeroizing::new(key.bytes.to_vec()))))
    }

    fn accept(bytes: &[u8]) -> Result<Arc<Zeroizing<Vec<u8>>>, SecretError> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(SecretError::Short(bytes.len()));
        }
        Ok(Arc::new(Zeroizing::new(bytes.to_vec())))
    }
}

fn read_env(name: &str) -> Result<Option<Arc<Zeroizing<Vec<u8>>>>, SecretError> {
    match env::var(name) {
        Ok(text) => Secret::accept(Zeroizing::new(text).as_bytes()).map(Some),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(name.into())),
    }
}

fn read_file(path: &Path) -> Result<Arc<Zeroizing<Vec<u8>>>, SecretError> {
    let text = Zeroizing::new(fs::read(path).map_err(|error| SecretError::file(path, &error))?);
    Secret::accept(text.trim_ascii())
}

fn read_or_make_file(path: &Path) -> Result<Arc<Zeroizing<Vec<u8>>>, SecretError> {
    // If two processes start at the same time, one creates the file and the other reads it.
    match crate::private_file::options().create_new(true).open(path) {
        Ok(mut file) => {
            let mut bytes = Zeroizing::new([0; Secret::MIN_BYTES]);
            getrandom::fill(bytes.as_mut()).map_err(|error| SecretError::file(path, &io::Error::other(error)))?;
            let mut text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()));
            text.push('\n');
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(|error| SecretError::file(path, &error))?;
            crate::notice::created("secret", path);
            Secret::accept(text.trim_end().as_bytes())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_file(path),
        Err(error) => Err(SecretError::file(path, &error)),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(_) => f.write_str("Secret(..)"),
            Err(error) => f.debug_tuple("Secret").field(error).finish(),
        }
    }
}

/// The reason why a secret could not be loaded. It never repeats the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The environment variable is not Unicode.
    #[error("the environment variable {0} is not Unicode")]
    NotText(String),
    /// The secret is too short. The number is its length in bytes.
    #[error("it is {0} bytes long, but must be at least 32")]
    Short(usize),
    /// No key could be derived from the secret.
    #[error("no key could be derived from it")]
    Derivation,
    /// The file could not be read or created.
    #[error("{}: {why}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error message of the system.
        why: String,
    },
}

impl SecretError {
    fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { path: path.into(), why: error.to_string() }
    }
}

/// A secret with its predecessors. New tokens are signed with the current secret. Tokens that were signed with a
/// previous one are accepted until that secret is removed.
///
/// ```
/// use usermgr::{Secret, SecretSet};
/// let set = SecretSet::new(Secret::env("SECRET"), [Secret::env("SECRET_OF_LAST_YEAR")]);
/// assert_eq!(set.previous.len(), 1);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SecretSet {
    /// The secret that signs, and that is tried first.
    pub current: Secret,
    /// Secrets whose tokens are still accepted.
    pub previous: Vec<Secret>,
}

impl SecretSet {
    /// Creates a set from the current secret and the previous ones.
    pub fn new(current: Secret, previous: impl IntoIterator<Item = Secret>) -> Self {
        Self { current, previous: previous.into_iter().collect() }
    }

    /// Returns the set of a realm. The keys that are derived from it are those of no other realm.
    pub(crate) fn in_realm(&self, realm: &str) -> Self {
        let inside = |secret: &Secret| secret.in_realm(realm);
        Self { current: inside(&self.current), previous: self.previous.iter().map(inside).collect() }
    }
}

impl From<Secret> for SecretSet {
    fn from(current: Secret) -> Self {
        Self::new(current, [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("usermgr-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join("a.secret")
    }

    #[test]
    fn j3_short_secrets_are_refused_without_being_shown() {
        for short in ["", "secret", "0123456789012345678901234567890"] {
            let error = Secret::new(short).bytes().unwrap_err();
            assert_eq!(error, SecretError::Short(short.len()));
            assert!(short.is_empty() || !format!("{error:?}{error}").contains(short));
        }
    }

    #[test]
    fn a_missing_file_is_made_once_for_its_owner_only() {
        let path = scratch("made");
        let made = Secret::env_or_file("A_VARIABLE_NOT_DEFINED", &path);
        let read = Secret::env_or_file("A_VARIABLE_NOT_DEFINED", &path);
        assert_eq!(made.bytes().unwrap(), read.bytes().unwrap());
        assert_eq!(made.bytes().unwrap().len(), 43);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named() {
        let error = Secret::file_or_new("/no/such/folder/a.secret").bytes().unwrap_err();
        assert!(error.to_string().starts_with("/no/such/folder/a.secret: "), "{error}");
    }
}
