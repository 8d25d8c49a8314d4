//! The application's own fields of a user: the [`Profile`] trait, which `#[derive(Profile)]` implements, and [`NoProfile`].

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The application's own fields of a user, with what a client may send when registering and when changing them.
///
/// Derive it: `#[derive(Profile)]` writes the two payload types, in which a field marked `#[profile(server)]` does not occur, so that
/// no request can set it.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use usermgr::Profile;
///
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Customer {
///     name: String,
///     nickname: Option<String>,
///     #[profile(server)]
///     credits: u32,
/// }
///
/// let register: CustomerRegister = serde_json::from_str(r#"{"name": "Ada", "credits": 99}"#)?;
/// let mut customer = Customer::create(register);
/// assert_eq!(customer.credits, 0);
///
/// customer.apply(serde_json::from_str(r#"{"nickname": "Countess"}"#)?);
/// assert_eq!((customer.name.as_str(), customer.nickname.as_deref()), ("Ada", Some("Countess")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user profile",
    label = "the trait `Profile` is not implemented for it",
    note = "derive it: `#[derive(Clone, Debug, Serialize, Deserialize, Profile)]`"
)]
pub trait Profile: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The names in JSON of the fields that are stored and never shown: no [`User`](crate::User) that is serialised has them, nor has
    /// the schema of one. The derive lists those under `#[profile(hidden)]` and `#[profile(transient)]`.
    const HIDDEN: &'static [&'static str] = &[];

    /// What a client may send when registering.
    type Register: DeserializeOwned + Clone + Send + Sync;
    /// What a client may send to change it: every field optional, absent meaning unchanged.
    type Update: DeserializeOwned + Clone + Send + Sync;

    /// The profile of a new user.
    fn create(input: Self::Register) -> Self;

    /// Carries the sent fields over.
    fn apply(&mut self, update: Self::Update);
}

/// No fields beside the fixed ones.
///
/// ```
/// use usermgr::{NoProfile, Profile};
/// assert_eq!(NoProfile::create(NoProfile), NoProfile);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Nothing", into = "Nothing")]
pub struct NoProfile;

/// The form on the wire: an object without fields, since a unit struct cannot be flattened into another.
#[derive(Serialize, Deserialize)]
struct Nothing {}

impl From<Nothing> for NoProfile {
    fn from(_: Nothing) -> Self {
        Self
    }
}

impl From<NoProfile> for Nothing {
    fn from(_: NoProfile) -> Self {
        Self {}
    }
}

impl Profile for NoProfile {
    type Register = NoProfile;
    type Update = NoProfile;

    fn create(_: NoProfile) -> Self {
        Self
    }

    fn apply(&mut self, _: NoProfile) {}
}
