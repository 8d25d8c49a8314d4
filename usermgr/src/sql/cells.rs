//! Reading the columns of a row one after the other, in the order of the statement.

use sqlx::{error::UnexpectedNullError, types::Uuid};

use super::dialect::Dialect;

/// Reads columns by position and not by name, because every request does this.
pub struct Cells<'r, D: Dialect> {
    row: &'r D::Row,
    next: usize,
}

impl<'r, D: Dialect> Cells<'r, D> {
    pub(super) fn of(row: &'r D::Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn text(&mut self) -> Result<&'r str, sqlx::Error> {
        let text = self.text_or_null()?;
        self.there(text)
    }

    pub(super) fn text_or_null(&mut self) -> Result<Option<&'r str>, sqlx::Error> {
        D::text(self.row, self.step())
    }

    pub(super) fn number(&mut self) -> Result<i64, sqlx::Error> {
        let number = self.number_or_null()?;
        self.there(number)
    }

    pub(super) fn number_or_null(&mut self) -> Result<Option<i64>, sqlx::Error> {
        D::number(self.row, self.step())
    }

    pub(super) fn bytes(&mut self) -> Result<&'r [u8], sqlx::Error> {
        let bytes = D::bytes(self.row, self.step())?;
        self.there(bytes)
    }

    pub(super) fn uuid_or_null(&mut self) -> Result<Option<Uuid>, sqlx::Error> {
        D::uuid(self.row, self.step())
    }

    /// Returns the value that was read last, which must not be NULL.
    pub(super) fn there<T>(&self, value: Option<T>) -> Result<T, sqlx::Error> {
        value.ok_or_else(|| sqlx::Error::ColumnDecode {
            index: (self.next - 1).to_string(),
            source: Box::new(UnexpectedNullError),
        })
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }
}
