//! A profile as stores keep it: JSON that is known to be readable when it is written, and may be unreadable when it is read, by a later
//! version of the application.

use std::fmt::{self, Write as _};

use serde_path_to_error::Segment;

use super::{NoProfile, Profile, Record, User};

/// A profile in JSON, as a store keeps it. Its `Debug` shows nothing of it.
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
/// // JSON has no infinity: serde would write `null`, which is no number.
/// let refused = StoredProfile::of(&Player { name: "Bob".into(), score: f32::INFINITY }).unwrap_err();
/// assert_eq!(refused.to_string(), "the profile could not be read back from the store: `score`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoredProfile(String);

impl StoredProfile {
    /// Writes a profile, and makes sure that it can be read back.
    ///
    /// # Errors
    /// [`InvalidProfile`] when it cannot.
    pub fn of<P: Profile>(profile: &P) -> Result<Self, InvalidProfile> {
        let text = serde_json::to_string(profile).map_err(|_| InvalidProfile { place: Vec::new() })?;
        match serde_json::from_str::<P>(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(InvalidProfile::find::<P>(&text)),
        }
    }

    /// What a store has read.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The JSON, for a store to write.
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
    /// That of serde, whose words may repeat values of the profile.
    pub fn read<P: Profile>(&self) -> Result<P, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl fmt::Debug for StoredProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredProfile(..)")
    }
}

/// A profile that could not be read back if it were stored, so that its user could not log in any more: a number that JSON does not have,
/// or a field that `Serialize` leaves out and `Deserialize` demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidProfile {
    place: Vec<Step>,
}

/// One step on the way to a place within a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Field(String),
    Item(usize),
}

impl InvalidProfile {
    /// Where it cannot be read back: `score`, `places[0].latitude`; empty for the whole.
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

/// How the names begin that serde_json gives to what it keeps in an object of its own.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// Where an error is, the missing field included.
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

/// The field that serde misses.
pub(crate) fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()).map(str::to_owned)
}

impl<P: Profile, I: Clone> Record<P, I> {
    /// The same account with its profile as a store keeps it.
    ///
    /// # Errors
    /// [`InvalidProfile`] when the profile could not be read back.
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
        let Self { id, email, is_active, is_superuser, is_verified, created_at, profile: _ } = self;
        User { id, email, is_active, is_superuser, is_verified, created_at, profile }
    }

    /// The same user without the profile.
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
