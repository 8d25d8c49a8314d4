//! The values of a statement, the same for every database. Each knows its type, even if it is NULL.

use sqlx::types::Uuid;

/// A value that a statement binds. NULL has the type of its column, because PostgreSQL refuses a NULL text for a
/// numeric column.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Text(Option<&'a str>),
    Number(Option<i64>),
    Flag(bool),
    Bytes(&'a [u8]),
    Uuid(Uuid),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

/// The types of ids. The tables of a store are created for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Uuid,
    Number,
    Text,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Uuid, Self::Number, Self::Text];

    /// Returns the name of the Rust type, for migrations and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "Uuid",
            Self::Number => "i64",
            Self::Text => "String",
        }
    }
}
