//! What an id looks like in a database: a UUID, a number or a text.

use uuid::Uuid;

use super::{
    cells::Cells,
    dialect::Dialect,
    value::{Kind, Value},
};
use crate::user::UserId;

/// The type of the ids of a store in a database: [`Uuid`], `i64` (numbered by the database) or `String`. A database keeps to the type it was
/// made with.
///
/// An id is kept as sqlx binds it, so that `.bind(user.id)` finds it in tables of your own too; a `Uuid` is 16 bytes in SQLite, MariaDB and
/// MySQL, and PostgreSQL's own type there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of users in a database",
    note = "use `uuid::Uuid`, `i64` or `String`"
)]
pub trait SqlId: UserId + Column {}

impl<I: UserId + Column> SqlId for I {}

/// Public in a private module: it can be neither named nor implemented elsewhere.
pub trait Column: Sized {
    const KIND: Kind;

    /// The id as it is bound.
    fn to_value(&self) -> Value<'_>;

    /// The number that the database gave a row, where ids are numbers.
    fn of_number(number: i64) -> Option<Self>;

    /// The next column of a row, which may be null.
    fn read<D: Dialect>(cells: &mut Cells<'_, D>) -> Result<Option<Self>, sqlx::Error>;
}

impl Column for Uuid {
    const KIND: Kind = Kind::Uuid;

    fn to_value(&self) -> Value<'_> {
        Value::Uuid(*self)
    }

    fn of_number(_: i64) -> Option<Self> {
        None
    }

    fn read<D: Dialect>(cells: &mut Cells<'_, D>) -> Result<Option<Self>, sqlx::Error> {
        cells.uuid_or_null()
    }
}

impl Column for i64 {
    const KIND: Kind = Kind::Number;

    fn to_value(&self) -> Value<'_> {
        (*self).into()
    }

    fn of_number(number: i64) -> Option<Self> {
        Some(number)
    }

    fn read<D: Dialect>(cells: &mut Cells<'_, D>) -> Result<Option<Self>, sqlx::Error> {
        cells.number_or_null()
    }
}

impl Column for String {
    const KIND: Kind = Kind::Text;

    fn to_value(&self) -> Value<'_> {
        self.as_str().into()
    }

    fn of_number(_: i64) -> Option<Self> {
        None
    }

    fn read<D: Dialect>(cells: &mut Cells<'_, D>) -> Result<Option<Self>, sqlx::Error> {
        Ok(cells.text_or_null()?.map(str::to_owned))
    }
}
