//! The application's own fields of a user: the [`Profile`] trait, which `#[derive(Profile)]` implements, and
//! [`NoProfile`].

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The application's own fields of a user, with the input types for registering and for changing them.
///
/// Derive it: `#[derive(Profile)]` generates the input types. They do not contain fields marked `#[profile(server)]`, so that
/// a request cannot set those. Fields marked `#[profile(admin)]` are only in that of superusers.
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
    /// The input of a change that a superuser makes. It is the type `Update`, unless superusers set more fields.
    type AdminUpdate: DeserializeOwned + Clone + Send + Sync;

    /// Returns the profile of a new user.
    fn create(input: Self::Register) -> Self;

    /// Applies the fields that were sent.
    fn apply(&mut self, update: Self::Update);

    /// Applies the fields that a superuser has sent.
    fn apply_admin(&mut self, update: Self::AdminUpdate);
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
    type AdminUpdate = NoProfile;

    fn create(_: NoProfile) -> Self {
        Self
    }

    fn apply(&mut self, _: NoProfile) {}

    fn apply_admin(&mut self, _: NoProfile) {}
}

/// A profile that can be made from what a provider says about a person, for sign-ins through other providers.
///
/// The derive implements it if every field that a registration must have names a claim, `#[profile(claim = "name")]`, is
/// an `Option`, or has a default. Another profile implements it itself, or takes its value from a hook.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use serde_json::json;
/// use usermgr::{prelude::*, user::FromClaims};
///
/// #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
/// struct Customer {
///     #[profile(claim = "name")]
///     display_name: String,
///     #[profile(claim = "picture")]
///     avatar: Option<String>,
///     #[profile(server)]
///     credits: u32,
/// }
///
/// let said = json!({ "name": "Ada", "credits": 99 });
/// let customer = Customer::from_claims(said.as_object().unwrap())?;
/// assert_eq!((customer.display_name.as_str(), customer.credits), ("Ada", 0));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a provider does not say everything that `{Self}` needs",
    label = "the trait `FromClaims` is not implemented for it",
    note = "name a claim for each field that a registration must have, `#[profile(claim = \"..\")]`, give the others a default, or implement `usermgr::user::FromClaims`",
    note = "or let the hook `oauth_profile` make the profile: `OAuth::at(..).profile_by_hook()`"
)]
pub trait FromClaims: Profile {
    /// The fields of a registration with the claims from which they are taken.
    const CLAIMS: &'static [(&'static str, &'static str)];

    /// Makes the profile of a new user from the claims of a provider. The provided method makes a registration from
    /// [`CLAIMS`](Self::CLAIMS), so that no claim sets a field of the server.
    ///
    /// # Errors
    /// The error of a registration with these fields: a claim is missing, or has another type.
    fn from_claims(claims: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let claimed = |(field, claim): &(&str, &str)| Some(((*field).to_owned(), claims.get(*claim)?.clone()));
        let fields: Map<_, _> = Self::CLAIMS.iter().filter_map(claimed).collect();
        serde_json::from_value(Value::Object(fields)).map(Self::create)
    }
}

impl FromClaims for NoProfile {
    const CLAIMS: &'static [(&'static str, &'static str)] = &[];
}
