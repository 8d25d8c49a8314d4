//! A profile is stored as serde writes it and is read back by serde: a field with its attributes goes in, and an error at each attribute by
//! which the two differ comes out.

use syn::Meta;
use syn::ext::IdentExt;

use super::field::Field;
use super::serde_attributes::Container;
use super::words::Kind;
use crate::errors::{Errors, Message};

const WHY: &str = "a profile is stored as serde writes it, and read back by serde";

pub(super) fn check(field: &Field<'_>, container: &Container, errors: &mut Errors) {
    left_out(field, errors);
    sometimes_left_out(field, container, errors);
    one_writer(field, errors);
    renamed(field, container, errors);
}

/// The effect of `rename_all` on fields without their own name. Reported once, for any number of fields.
pub(super) fn check_all(fields: &[Field<'_>], container: &Container, errors: &mut Errors) {
    let Some(word) = &container.rename_all else { return };
    let own = |field: &&Field<'_>| field.serde.rename.is_none();
    if let Some((written, read)) = fields.iter().filter(own).find_map(|field| two_names(field, container)) {
        let rules = container.rules();
        let rule = rules.written.or(rules.read).map(|rule| rule.value()).unwrap_or_default();
        refuse_names("rename_all", word, [written, &read, &rule], errors);
    }
}

/// Words that leave the field out on one side, or on both.
fn left_out(field: &Field<'_>, errors: &mut Errors) {
    for name in ["skip", "skip_deserializing", "skip_serializing"] {
        let Some(word) = field.serde.written_by(name) else { continue };
        if name == "skip_serializing" && matches!(field.kind, Kind::Transient) {
            continue;
        }
        let message = Message::new(format!("`#[serde({name})]` loses the field whenever the profile is stored"));
        let message = message.help(
            "write `#[profile(server)]` in its place for a field that no request sets, `#[profile(hidden)]` for one that no answer shows \
             either",
        );
        errors.at(
            word,
            match name {
                "skip_serializing" => message
                    .help("for a field that is sent at the registration and not stored, add `#[profile(transient)]`"),
                _ => message,
            }
            .note(WHY),
        );
    }
}

/// A field that is not always written must be allowed to be missing.
fn sometimes_left_out(field: &Field<'_>, container: &Container, errors: &mut Errors) {
    let may_be_missing = field.may_be_missing() || container.default.is_some();
    if let Some(word) = field.serde.written_by("skip_serializing_if")
        && !may_be_missing
    {
        let message = Message::new("`skip_serializing_if` leaves out a field that must be there when it is read back");
        errors.at(word, message.help("add `default`: `#[serde(default, skip_serializing_if = \"..\")]`").note(WHY));
    }
    if !matches!(field.kind, Kind::Transient) {
        return;
    }
    if field.serde.written_by("skip_serializing").is_none() || !may_be_missing {
        let message =
            Message::new(format!("the transient field `{}` must be left out when the profile is stored", field.ident));
        errors.at(
            field.ident,
            message.help("write `#[serde(default, skip_serializing)]` beside `#[profile(transient)]`"),
        );
    }
}

/// A custom writer needs a reader.
fn one_writer(field: &Field<'_>, errors: &mut Errors) {
    if let Some(word) = field.serde.written_by("serialize_with")
        && field.serde.reader.is_none()
    {
        let message = Message::new("`serialize_with` needs the function that reads back what it writes");
        errors.at(
            word,
            message.help("add `deserialize_with = \"..\"`, or write `with = \"..\"` in place of both").note(WHY),
        );
    }
}

fn renamed(field: &Field<'_>, container: &Container, errors: &mut Errors) {
    if let (Some((word, _)), Some((written, read))) = (&field.serde.rename, two_names(field, container)) {
        refuse_names("rename", word, [written, &read, &read], errors);
    }
}

/// The name that is written and the one that is read, where the former is not among those that are read.
fn two_names<'a>(field: &'a Field<'_>, container: &Container) -> Option<(&'a str, String)> {
    let read = field.serde.read_as(&field.ident.unraw().to_string(), &container.rules());
    let is_read = field.written == read || field.serde.aliases.iter().any(|alias| alias.value() == field.written);
    (!is_read).then_some((&field.written, read))
}

fn refuse_names(name: &str, word: &Meta, [written, read, meant]: [&str; 3], errors: &mut Errors) {
    let message = Message::new(format!("`{name}` makes serde write `{written}` and read `{read}`"));
    errors.at(word, message.help(format!("write it once, for both: `{name} = \"{meant}\"`")).note(WHY));
}
