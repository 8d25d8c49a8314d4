//! One field of a profile: the user's field goes in, what the payloads do with it comes out.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;
use syn::ext::IdentExt;

use super::serde_attributes::{Container, FieldWords};
use super::words::{self, Kind};
use crate::errors::{Errors, Message, listed};

/// The names of the user's fixed fields, beside which the fields of a profile are written.
const RESERVED: &[&str] = &[
    "id",
    "email",
    "password",
    "current_password",
    "hashed_password",
    "password_hash",
    "is_active",
    "is_superuser",
    "is_verified",
    "created_at",
    "profile",
];

pub(super) struct Field<'a> {
    pub(super) field: &'a syn::Field,
    pub(super) ident: &'a Ident,
    pub(super) serde: FieldWords,
    pub(super) kind: Kind,
    /// The claim of a provider from which a registration takes it.
    pub(super) claim: Option<String>,
    /// Its name in JSON.
    pub(super) written: String,
    /// Whether a payload with this field could not be read, so that no payload has it.
    pub(super) broken: bool,
}

impl<'a> Field<'a> {
    pub(super) fn read(field: &'a syn::Field, container: &Container, errors: &mut Errors) -> Option<Self> {
        // Only a tuple field has no name, and those were refused.
        let ident = field.ident.as_ref()?;
        let serde = FieldWords::read(&field.attrs, errors);
        let (kind, claim) = words::field(&field.attrs, errors);
        let (written, by_rule) = serde.written(&ident.unraw().to_string(), &container.rules());
        let broken = refuse_reference(&field.ty, errors);
        let field = Field { field, ident, serde, kind, claim, written, broken };
        check_names(&field, by_rule, errors);
        Some(field)
    }

    /// Whether a registration has it.
    pub(super) fn is_registered(&self) -> bool {
        matches!(self.kind, Kind::Sent | Kind::Transient) && !self.broken
    }

    /// Whether it may be missing where it is read, apart from a default of the whole struct.
    pub(super) fn may_be_missing(&self) -> bool {
        // An option may be missing by default only if serde itself reads it.
        self.serde.default || (is_option(&self.field.ty) && self.serde.reader.is_none())
    }

    /// Whether an update has it.
    pub(super) fn is_updated(&self) -> bool {
        matches!(self.kind, Kind::Sent) && !self.broken
    }

    /// Whether superusers alone send it.
    pub(super) fn is_of_superusers(&self) -> bool {
        matches!(self.kind, Kind::Admin | Kind::HiddenAdmin) && !self.broken
    }

    /// Whether answers leave it out.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.kind, Kind::Hidden | Kind::HiddenAdmin | Kind::Transient)
    }
}

fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Option"),
        Type::Group(group) => is_option(&group.elem),
        Type::Paren(paren) => is_option(&paren.elem),
        _ => false,
    }
}

fn refuse_reference(ty: &Type, errors: &mut Errors) -> bool {
    // Another lifetime is a parameter of the struct, and is reported there.
    if let Type::Reference(reference) = ty
        && reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
    {
        let owned = match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => "use `String`",
            _ => "use a type that owns its value",
        };
        let message = Message::new("a profile cannot hold a reference");
        errors.at(reference, message.help(owned).note("it is read from the store, and outlives what it was read from"));
        return true;
    }
    false
}

/// Refuses a number that serde cannot carry, also inside another type.
pub(super) fn check_numbers(Field { field, .. }: &Field<'_>, errors: &mut Errors) {
    if let Some(number) = unsupported(field.ty.to_token_stream()) {
        let message = Message::new(format!("a profile cannot hold `{number}`"));
        errors.at(
            &number,
            message
                .help(format!("use `{}`, or a string", number.to_string().replace("128", "64")))
                .note("serde cannot carry 128-bit integers through a flattened object"),
        );
    }
}

fn check_names(Field { ident, serde, written, .. }: &Field<'_>, by_rule: bool, errors: &mut Errors) {
    let mut refuse = |span: Span, name: &str, help: &str| {
        let message = Message::new(format!("`{name}` is a field of every user and cannot be a profile field"));
        errors.at_span(
            span,
            message.help(help).note(format!("the reserved names are {}", listed(RESERVED.iter().copied()))),
        );
    };
    let name = ident.unraw().to_string();
    if RESERVED.contains(&name.as_str()) {
        refuse(ident.span(), &name, "choose another name");
    } else if by_rule && RESERVED.contains(&written.as_str()) {
        refuse(ident.span(), written, "choose another name; `rename_all` makes this one reserved");
    }
    for text in &serde.names {
        if RESERVED.contains(&text.value().as_str()) {
            refuse(text.span(), &text.value(), "choose another name");
        }
    }
}

/// The first 128-bit integer anywhere in the type.
fn unsupported(ty: TokenStream) -> Option<Ident> {
    ty.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) => (ident == "i128" || ident == "u128").then_some(ident),
        TokenTree::Group(group) => unsupported(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}
