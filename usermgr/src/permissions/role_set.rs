//! The roles of a user, as a field of the profile: JSON goes in and out, and what the roles grant at a time comes out.
//!
//! An entry that is not understood grants nothing and is kept as it is, so that neither a role that was removed nor a newer
//! version of the program makes a profile unreadable, and nothing is lost when the profile is written.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{Permissions, Roles};

/// The roles of a user. It is a field of a profile, usually with
/// [`#[profile(admin)]`](macro@crate::Profile), so that only superusers set it.
///
/// In JSON it is an array. A role is its name, or an object with the name, a scope `in` which it is held, and a time `until`
/// which it is held:
///
/// ```
/// use usermgr::{permissions::Held, prelude::*};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can { OrdersRead, OrdersWrite, Refund }
///
/// #[derive(Clone, Copy, PartialEq, Debug, Roles)]
/// #[roles(Can)]
/// enum Role {
///     #[role(OrdersRead)]
///     Clerk,
///     #[role(OrdersRead, OrdersWrite)]
///     Lead,
/// }
///
/// let stored = r#"["clerk", {"role": "lead", "in": "team-x", "until": "2030-01-01T00:00:00Z"}, "pirate"]"#;
/// let roles: RoleSet<Role> = serde_json::from_str(stored)?;
///
/// let now = "2029-12-31T23:59:59Z".parse()?;
/// assert!(roles.grants(now).names().eq(["orders_read"]));
/// assert!(roles.grants_in("team-x", now).contains(Can::OrdersWrite));
/// assert!(!roles.grants_in("team-y", now).contains(Can::OrdersWrite));
/// assert!(!roles.grants_in("team-x", "2030-01-01T00:00:00Z".parse()?).contains(Can::OrdersWrite));
///
/// // What is not a role grants nothing, and is kept.
/// assert_eq!(roles.iter().count(), 2);
/// assert_eq!(serde_json::to_string(&roles)?.matches("pirate").count(), 1);
///
/// let mut roles = RoleSet::from([Role::Clerk]);
/// roles.insert(Held::new(Role::Lead).in_scope("team-y"));
/// assert_eq!(serde_json::to_string(&roles)?, r#"["clerk",{"role":"lead","in":"team-y"}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RoleSet<R> {
    entries: Vec<Entry<R>>,
}

/// An entry of the array.
#[derive(Clone)]
enum Entry<R> {
    Held(Held<R>),
    /// What is not understood, as it was read.
    Unknown(Value),
}

/// A role that a user has, with its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held<R> {
    /// The role.
    pub role: R,
    /// The scope in which it is held, such as the name of a team. `None`: everywhere.
    pub scope: Option<String>,
    /// The time from which it is no longer held. `None`: it has no end.
    pub until: Option<Timestamp>,
}

impl<R> Held<R> {
    /// Creates a role that is held everywhere and has no end.
    pub fn new(role: R) -> Self {
        Self { role, scope: None, until: None }
    }

    /// Limits it to a scope. The name is the application's own and is compared byte by byte.
    #[must_use]
    pub fn in_scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// Sets its end. At this time the role is no longer held.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self { until: Some(end), ..self }
    }

    /// Returns whether it counts at a time, in a scope if one is asked about. A role without a scope counts in every scope.
    fn counts(&self, scope: Option<&str>, now: Timestamp) -> bool {
        self.until.is_none_or(|end| now < end) && (self.scope.is_none() || self.scope.as_deref() == scope)
    }
}

impl<R: Roles> Held<R> {
    /// Reads an entry. An entry with anything that is not understood, which may be a limit, is no role.
    fn read(value: &Value) -> Option<Self> {
        let role = |name: &Value| R::ALL.iter().copied().find(|role| name.as_str() == Some(role.name()));
        let Value::Object(fields) = value else { return role(value).map(Self::new) };
        let mut held = Self::new(role(fields.get("role")?)?);
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("role", _) | ("in" | "until", Value::Null) => {}
                ("in", Value::String(scope)) => held.scope = Some(scope.clone()),
                ("until", Value::String(end)) => held.until = Some(end.parse().ok()?),
                _ => return None,
            }
        }
        Some(held)
    }
}

impl<R: Roles> RoleSet<R> {
    /// Creates a set without roles.
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Returns what the roles that are held everywhere grant at this time. Roles in a scope do not count. An application has
    /// the time from [`Engine::now`](crate::Engine::now).
    pub fn grants(&self, now: Timestamp) -> Permissions<R::Permission> {
        self.granted(None, now)
    }

    /// Returns what the roles in this scope and those that are held everywhere grant at this time.
    pub fn grants_in(&self, scope: &str, now: Timestamp) -> Permissions<R::Permission> {
        self.granted(Some(scope), now)
    }

    fn granted(&self, scope: Option<&str>, now: Timestamp) -> Permissions<R::Permission> {
        let counting = self.iter().filter(|held| held.counts(scope, now));
        counting.fold(Permissions::none(), |all, held| all.union(held.role.grants()))
    }

    /// Returns the roles with their limits, also those whose end is past.
    pub fn iter(&self) -> impl Iterator<Item = &Held<R>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Held(held) => Some(held),
            Entry::Unknown(_) => None,
        })
    }

    /// Returns the entries that are no roles, as they were read: roles that no longer exist, misspelled names, and entries of
    /// a newer version of the program. They grant nothing. A gate such as `on_before_update` can refuse them.
    pub fn unknown(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Held(_) => None,
            Entry::Unknown(value) => Some(value),
        })
    }

    /// Adds a role. It replaces an entry of the same role and scope, so that the new end counts.
    pub fn insert(&mut self, held: Held<R>) {
        self.drop_where(|other| is_same(other, held.role, held.scope.as_deref()));
        self.entries.push(Entry::Held(held));
    }

    /// Removes a role that is held everywhere. Returns whether it was there.
    pub fn remove(&mut self, role: R) -> bool {
        self.drop_where(|held| is_same(held, role, None))
    }

    /// Removes a role from a scope. Returns whether it was there.
    pub fn remove_in(&mut self, scope: &str, role: R) -> bool {
        self.drop_where(|held| is_same(held, role, Some(scope)))
    }

    fn drop_where(&mut self, goes: impl Fn(&Held<R>) -> bool) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !matches!(entry, Entry::Held(held) if goes(held)));
        self.entries.len() < before
    }
}

/// Compares by name: a role needs no `PartialEq`.
fn is_same<R: Roles>(held: &Held<R>, role: R, scope: Option<&str>) -> bool {
    held.role.name() == role.name() && held.scope.as_deref() == scope
}

/// No role.
impl<R: Roles> Default for RoleSet<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Roles, const N: usize> From<[R; N]> for RoleSet<R> {
    fn from(roles: [R; N]) -> Self {
        roles.into_iter().collect()
    }
}

impl<R: Roles> FromIterator<R> for RoleSet<R> {
    fn from_iter<I: IntoIterator<Item = R>>(roles: I) -> Self {
        roles.into_iter().map(Held::new).collect()
    }
}

impl<R: Roles> FromIterator<Held<R>> for RoleSet<R> {
    fn from_iter<I: IntoIterator<Item = Held<R>>>(roles: I) -> Self {
        let mut set = Self::new();
        roles.into_iter().for_each(|held| set.insert(held));
        set
    }
}

/// As in JSON.
impl<R: Roles> fmt::Debug for RoleSet<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        write!(f, "RoleSet({shown})")
    }
}

/// Equal if the JSON is.
impl<R: Roles> PartialEq for RoleSet<R> {
    fn eq(&self, other: &Self) -> bool {
        let same = |pair: (&Entry<R>, &Entry<R>)| match pair {
            (Entry::Held(one), Entry::Held(other)) => {
                is_same(one, other.role, other.scope.as_deref()) && one.until == other.until
            }
            (Entry::Unknown(one), Entry::Unknown(other)) => one == other,
            _ => false,
        };
        self.entries.len() == other.entries.len() && self.entries.iter().zip(&other.entries).all(same)
    }
}

impl<R: Roles> Eq for RoleSet<R> {}

impl<R: Roles> Serialize for RoleSet<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.entries)
    }
}

impl<R: Roles> Serialize for Entry<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (role, scope, until) = match self {
            Self::Unknown(value) => return value.serialize(serializer),
            Self::Held(Held { role, scope, until }) => (role.name(), scope, until),
        };
        if scope.is_none() && until.is_none() {
            return serializer.serialize_str(role);
        }
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("role", role)?;
        if let Some(scope) = scope {
            fields.serialize_entry("in", scope)?;
        }
        if let Some(until) = until {
            fields.serialize_entry("until", until)?;
        }
        fields.end()
    }
}

impl<'de, R: Roles> Deserialize<'de> for RoleSet<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entry = |value: Value| Held::read(&value).map_or_else(|| Entry::Unknown(value), Entry::Held);
        let values = Vec::<Value>::deserialize(deserializer)?;
        Ok(Self { entries: values.into_iter().map(entry).collect() })
    }
}
