//! What an id looks like in a database: a UUID, a number or a text.

use uuid::Uuid;

use crate::user::UserId;

/// The type of the ids of a store in a database: [`Uuid`] (kept as PostgreSQL's type, elsewhere as its hyphenated text), `i64` (numbered
/// by the database) or `String`. A database keeps to the type it was made with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of users in a database",
    note = "use `uuid::Uuid`, `i64` or `String`"
)]
pub trait SqlId: UserId + Column {}

impl<I: UserId + Column> SqlId for I {}

/// An id on its way into or out of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Uuid(Uuid),
    Number(i64),
    Text(String),
}

/// The types of ids. A database is marked with one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Uuid,
    Number,
    Text,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Uuid, Self::Number, Self::Text];

    /// The Rust type, as the mark in a database and as messages write it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "Uuid",
            Self::Number => "i64",
            Self::Text => "String",
        }
    }
}

/// Public in a private module: it can be neither named nor implemented elsewhere.
pub trait Column: Sized {
    const KIND: Kind;

    fn to_value(&self) -> Value;

    /// `None` when the value is not one that [`Column::to_value`] makes.
    fn from_value(value: Value) -> Option<Self>;
}

impl Column for Uuid {
    const KIND: Kind = Kind::Uuid;

    fn to_value(&self) -> Value {
        Value::Uuid(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Uuid(uuid) => Some(uuid),
            Value::Number(_) | Value::Text(_) => None,
        }
    }
}

impl Column for i64 {
    const KIND: Kind = Kind::Number;

    fn to_value(&self) -> Value {
        Value::Number(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number),
            Value::Uuid(_) | Value::Text(_) => None,
        }
    }
}

impl Column for String {
    const KIND: Kind = Kind::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Uuid(_) | Value::Number(_) => None,
        }
    }
}
