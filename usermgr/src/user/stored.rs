//! A profile as stores keep it. The JSON is readable when it is written. It may be unreadable for a later version of
//! the application.

use std::fmt::{self, Write as _};

use serde_path_to_error::Segment;

use super::{NoProfile, Profile, Record, User};

/// A profile in JSON, as a store keeps it. `Debug` does not show it.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use usermgr::{user::StoredProfile, prelude::*};
///
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Player { name: String, score: f32 }
///
/// let stored = StoredProfile::of(&Player { name: "Ada".into(), score: 0.5 })?;
/// assert_eq!(stored.as_str(), r#"{"name":"Ada","score":0.5}"#);
/// assert_eq!(stored.read::<Player>()?.score, 0.5);
///
/// // JSON has no infinity: serde would write `null`, which is not a number.
/// let refused = StoredProfile::of(&Player { name: "Bob".into(), score: f32::INFINITY }).unwrap_err();
/// assert_eq!(refused.to_string(), "the profile could not be read back from the store: `score`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoredProfile(String);

impl StoredProfile {
    /// Serializes a profile, and checks that it can be read back.
    ///
    /// # Errors
    /// [`InvalidProfile`] if it cannot.
    pub fn of<P: Profile>(profile: &P) -> Result<Self, InvalidProfile> {
        let text = serde_json::to_string(profile).map_err(|_| InvalidProfile { place: Vec::new() })?;
        match serde_json::from_str::<P>(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(InvalidProfile::find::<P>(&text)),
        }
    }

    /// Creates a profile from the text that a store has read.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the JSON that a store writes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Reads the profile.
    ///
    /// # Errors
    /// The error of serde, whose text may repeat values of the profile.
    pub fn read<P: Profile>(&self) -> Result<P, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl fmt::Debug for StoredProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredProfile(..)")
    }
}

/// A profile that could not be read back after it was stored, so that its user could not log in any more. Examples are
/// a number that JSON cannot represent, and a field that `Serialize` omits but `Deserialize` requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidProfile {
    place: Vec<Step>,
}

/// One step of the path to a place within a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Field(String),
    Item(usize),
}

impl InvalidProfile {
    /// Returns the place that cannot be read back, such as `score` or `places[0].latitude`. Empty for the whole
    /// profile.
    pub fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.place {
            // Writing to a string does not fail.
            let _ = match step {
                Step::Field(name) if place.is_empty() => write!(place, "{name}"),
                Step::Field(name) => write!(place, ".{name}"),
                Step::Item(index) => write!(place, "[{index}]"),
            };
        }
        place
    }

    #[cfg(feature = "http")]
    pub(crate) fn steps(&self) -> &[Step] {
        &self.place
    }

    fn find<P: Profile>(text: &str) -> Self {
        let read: Result<P, _> = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text));
        Self { place: read.err().map(|error| place(&error)).unwrap_or_default() }
    }
}

impl fmt::Display for InvalidProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the profile could not be read back from the store")?;
        if self.place.is_empty() { Ok(()) } else { write!(f, ": `{}`", self.place()) }
    }
}

impl std::error::Error for InvalidProfile {}

/// The beginning of the names that serde_json gives to its internal values.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// Returns the place of an error, with the missing field if there is one.
pub(crate) fn place(error: &serde_path_to_error::Error<serde_json::Error>) -> Vec<Step> {
    let step = |segment: &Segment| match segment {
        Segment::Map { key } if !key.starts_with(PRIVATE) => Some(Step::Field(key.clone())),
        Segment::Seq { index } => Some(Step::Item(*index)),
        _ => None,
    };
    let mut place: Vec<Step> = error.path().iter().filter_map(step).collect();
    place.extend(missing_field(error.inner()).map(Step::Field));
    place
}

/// Returns the field that serde misses.
pub(crate) fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()).map(str::to_owned)
}

impl<P: Profile, I: Clone> Record<P, I> {
    /// Returns the same account with its profile as a store keeps it.
    ///
    /// # Errors
    /// [`InvalidProfile`] if the profile could not be read back.
    pub fn to_stored(&self) -> Result<Record<StoredProfile, I>, InvalidProfile> {
        Ok(self.clone().with_profile(StoredProfile::of(&self.user.profile)?))
    }
}

impl<P, I> Record<P, I> {
    pub(crate) fn with_profile<Q>(self, profile: Q) -> Record<Q, I> {
        let Self { user, password_hash, stamp, version } = self;
        Record { user: user.with_profile(profile), password_hash, stamp, version }
    }
}

impl<P, I> User<P, I> {
    fn with_profile<Q>(self, profile: Q) -> User<Q, I> {
        let Self { id, email, username, is_active, is_superuser, is_verified, created_at, profile: _ } = self;
        User { id, email, username, is_active, is_superuser, is_verified, created_at, profile }
    }

    /// Returns the same user without the profile.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// fn fixed_fields<P: Profile>(user: User<P>) -> User {
    ///     user.without_profile()
    /// }
    /// ```
    pub fn without_profile(self) -> User<NoProfile, I> {
        self.with_profile(NoProfile)
    }
}
