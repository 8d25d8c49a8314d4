//! A profile as it is read: the struct with its fields, each of them checked.

use syn::{DeriveInput, Ident};

use super::field::Field;
use super::serde_attributes::Container;
use crate::crate_path::CratePath;

/// The struct, checked.
pub(super) struct Profile<'a> {
    pub(super) input: &'a DeriveInput,
    pub(super) krate: CratePath,
    pub(super) container: Container,
    pub(super) fields: Vec<Field<'a>>,
}

impl Profile<'_> {
    pub(super) fn register(&self) -> Ident {
        quote::format_ident!("{}Register", self.input.ident)
    }

    pub(super) fn update(&self) -> Ident {
        quote::format_ident!("{}Update", self.input.ident)
    }

    /// The update of a superuser, which has a type of its own if it has more fields.
    pub(super) fn admin_update(&self) -> Ident {
        match self.fields.iter().any(Field::is_of_superusers) {
            true => quote::format_ident!("{}AdminUpdate", self.input.ident),
            false => self.update(),
        }
    }
}
