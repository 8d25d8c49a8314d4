//! A set of permissions: one bit for each.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A permission: a variant of an enum that [derives](macro@crate::permissions::Permission) this trait.
///
/// The *name* is stored and shown; the variant is not. A variant can be renamed as long as its name stays.
///
/// ```
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     #[permission("orders:read")]
///     OrdersRead,
///     Refund,
/// }
///
/// assert_eq!(Can::OrdersRead.name(), "orders:read");
/// assert_eq!(Can::Refund.name(), "refund");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of permissions",
    label = "the trait `Permission` is not implemented for it",
    note = "derive it: `#[derive(Clone, Copy, Permission)]`"
)]
pub trait Permission: Copy + Send + Sync + 'static {
    /// All permissions, in the order of the enum.
    const ALL: &'static [Self];

    /// Returns the name.
    fn name(self) -> &'static str;

    /// The bit in a set.
    #[doc(hidden)]
    fn place(self) -> Place;
}

/// The bit of a permission in a set. Only the derive makes it, and refuses enums of more than 128 variants.
#[derive(Clone, Copy)]
pub struct Place(u8);

impl Place {
    /// The place of a variant.
    pub const fn new(index: u8) -> Self {
        // A shift by more would be a panic.
        Self(index & 127)
    }
}

/// A set of the permissions `P`. It is as large as a `u128` and `Copy`.
///
/// Serde writes the names as an array, and ignores names that it does not know when it reads them.
///
/// ```
/// use usermgr::prelude::*;
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     #[permission("orders:read")]
///     OrdersRead,
///     #[permission("orders:write")]
///     OrdersWrite,
///     Refund,
/// }
///
/// let clerk = Permissions::from([Can::OrdersRead, Can::OrdersWrite]);
/// assert!(clerk.contains(Can::OrdersWrite) && !clerk.contains(Can::Refund));
///
/// // A name that no longer exists grants nothing.
/// let scopes = Permissions::<Can>::from_names(["orders:read", "refund", "orders:burn"]);
/// assert!(clerk.intersection(scopes).names().eq(["orders:read"]));
/// ```
pub struct Permissions<P>(u128, PhantomData<fn() -> P>);

impl<P> Permissions<P> {
    const fn of_bits(bits: u128) -> Self {
        Self(bits, PhantomData)
    }

    pub(crate) const fn at(place: Place) -> Self {
        Self::of_bits(1 << place.0)
    }

    /// Creates a set without permissions.
    pub const fn none() -> Self {
        Self::of_bits(0)
    }

    /// Returns whether the set has no permission.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the number of permissions, at most 128.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Returns whether the set has every permission of the other set. Every set has those of an empty one.
    pub const fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Returns what at least one of the two sets has.
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self::of_bits(self.0 | others.0)
    }

    /// Returns what both sets have.
    #[must_use]
    pub const fn intersection(self, others: Self) -> Self {
        Self::of_bits(self.0 & others.0)
    }

    /// Returns what this set has and the other one does not have.
    #[must_use]
    pub const fn difference(self, others: Self) -> Self {
        Self::of_bits(self.0 & !others.0)
    }
}

impl<P: Permission> Permissions<P> {
    /// Creates a set of all permissions.
    pub fn all() -> Self {
        P::ALL.iter().copied().collect()
    }

    /// Creates the set of the permissions with these names. Unknown names are ignored, so that a permission that was removed
    /// from the enum grants nothing.
    pub fn from_names(names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        names
            .into_iter()
            .filter_map(|name| P::ALL.iter().copied().find(|known| known.name() == name.as_ref()))
            .collect()
    }

    /// Returns whether the set has this permission.
    pub fn contains(self, permission: P) -> bool {
        self.contains_all(permission.into())
    }

    /// Returns the permissions in the order of the enum.
    pub fn iter(self) -> impl Iterator<Item = P> {
        P::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// Returns the names in the order of the enum.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(P::name)
    }
}

impl<P> Clone for Permissions<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Permissions<P> {}

impl<P> PartialEq for Permissions<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<P> Eq for Permissions<P> {}

impl<P> Hash for Permissions<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// No permission.
impl<P> Default for Permissions<P> {
    fn default() -> Self {
        Self::none()
    }
}

impl<P: Permission> From<P> for Permissions<P> {
    fn from(permission: P) -> Self {
        Self::at(permission.place())
    }
}

impl<P: Permission, const N: usize> From<[P; N]> for Permissions<P> {
    fn from(permissions: [P; N]) -> Self {
        permissions.into_iter().collect()
    }
}

impl<P: Permission> FromIterator<P> for Permissions<P> {
    fn from_iter<I: IntoIterator<Item = P>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::none(), |all, permission| all.union(permission.into()))
    }
}

/// The names.
impl<P: Permission> fmt::Debug for Permissions<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl<P: Permission> Serialize for Permissions<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de, P: Permission> Deserialize<'de> for Permissions<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer).map(Self::from_names)
    }
}
