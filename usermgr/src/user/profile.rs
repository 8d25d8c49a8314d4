//! The application's own fields of a user: the [`Profile`] trait, which `#[derive(Profile)]` implements, and
//! [`NoProfile`].

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The application's own fields of a user, with the input types for registering and for changing them.
///
/// Derive it: `#[derive(Profile)]` generates the two input types. They do not contain fields marked
/// `#[profile(server)]`, so that a request cannot set those.
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
    /// The JSON names of fields that are stored but never shown. Neither a serialized [`User`](crate::User) nor its
    /// schema contains them. The derive lists the fields that are marked `#[profile(hidden)]` or
    /// `#[profile(transient)]`.
    const HIDDEN: &'static [&'static str] = &[];

    /// The input at a registration.
    type Register: DeserializeOwned + Clone + Send + Sync;
    /// The input of a change. Every field is optional, and an absent field stays unchanged.
    type Update: DeserializeOwned + Clone + Send + Sync;

    /// Returns the profile of a new user.
    fn create(input: Self::Register) -> Self;

    /// Applies the fields that were sent.
    fn apply(&mut self, update: Self::Update);
}

/// A profile without fields.
///
/// ```
/// use usermgr::{NoProfile, Profile};
/// assert_eq!(NoProfile::create(NoProfile), NoProfile);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Nothing", into = "Nothing")]
pub struct NoProfile;

/// The serialized form: an object without fields, because a unit struct cannot be flattened.
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
