//! The words inside `#[profile(..)]`, on the struct and on its fields.

use darling::FromMeta;
use darling::ast::NestedMeta;
use darling::util::{Flag, SpannedValue};
use syn::{Attribute, Expr, Meta};

use crate::crate_path::CratePath;
use crate::errors::{Errors, Message, listed};
use crate::suggest::closest;
use crate::words::{name, words};

#[derive(FromMeta, Default)]
struct OnField {
    server: Flag,
    admin: Flag,
    hidden: Flag,
    transient: Flag,
    claim: Option<SpannedValue<String>>,
}

/// Who sees a field, and who sets it.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Clients may send it, and responses show it.
    Sent,
    /// Superusers may send it when they change an account, and responses show it.
    Admin,
    /// Superusers may send it when they change an account, and no response shows it.
    HiddenAdmin,
    /// No request sets it.
    Server,
    /// No request sets it, and no response shows it.
    Hidden,
    /// A registration has it, and it is not stored.
    Transient,
}

const ON_FIELD: &[&str] = &["server", "admin", "hidden", "transient", "claim"];

#[derive(FromMeta, Default)]
struct OnStruct {
    #[darling(rename = "crate")]
    krate: Option<Written>,
}

/// An expression that is checked later, with the macro's own message.
struct Written(Expr);

impl FromMeta for Written {
    fn from_expr(expr: &Expr) -> darling::Result<Self> {
        Ok(Written(expr.clone()))
    }
}

/// What a field is, and the claim of a provider from which a registration takes it.
pub(super) fn field(attributes: &[Attribute], errors: &mut Errors) -> (Kind, Option<String>) {
    let OnField { server, admin, hidden, transient, claim } = read(attributes, ON_FIELD, "a field", errors);
    if transient.is_present() && (server.is_present() || hidden.is_present()) {
        let message = Message::new("a transient field is sent by clients and cannot be a field of the server");
        errors.at_span(transient.span(), message.help("remove `transient`, or the other word"));
    }
    if transient.is_present() && admin.is_present() {
        let message = Message::new("a transient field is sent at a registration and cannot be a field of superusers");
        errors.at_span(transient.span(), message.help("remove `transient`, or `admin`"));
    }
    if server.is_present() && admin.is_present() {
        let message = Message::new("no request sets a field of the server, but superusers set one with `admin`");
        errors.at_span(
            server.span(),
            message.help(
                "remove `server`: without `admin` the field is in no request, with it in that of a superuser alone",
            ),
        );
    }
    if let Some(claim) = &claim
        && admin.is_present()
    {
        let message = Message::new("no provider sets a field of superusers");
        errors.at_span(claim.span(), message.help("remove `claim`, or `admin`"));
    } else if let Some(claim) = &claim
        && (server.is_present() || hidden.is_present())
    {
        let message = Message::new("no provider sets a field of the server");
        errors.at_span(claim.span(), message.help("remove `claim`, or the other word"));
    }
    let kind = match (transient.is_present(), admin.is_present(), hidden.is_present(), server.is_present()) {
        (true, ..) => Kind::Transient,
        (_, true, true, _) => Kind::HiddenAdmin,
        (_, true, ..) => Kind::Admin,
        (.., true, _) => Kind::Hidden,
        (.., true) => Kind::Server,
        _ => Kind::Sent,
    };
    (kind, claim.map(SpannedValue::into_inner))
}

/// Where the runtime is.
pub(super) fn container(attributes: &[Attribute], errors: &mut Errors) -> CratePath {
    let OnStruct { krate } = read(attributes, &["crate"], "the struct", errors);
    krate.and_then(|Written(expr)| CratePath::check(&expr, errors)).unwrap_or_default()
}

fn read<T: FromMeta + Default>(
    attributes: &[Attribute],
    known: &[&'static str],
    place: &str,
    errors: &mut Errors,
) -> T {
    let example = if known == ON_FIELD { "#[profile(server)]" } else { "#[profile(crate = ::usermgr)]" };
    let words = words(attributes, "profile", || example.to_owned(), errors);
    let mut screened: Vec<NestedMeta> = Vec::new();
    for word in words {
        let Some(word) = screen(word, known, place, errors) else { continue };
        let repeated = |other: &NestedMeta| name(other) == name(&word);
        if screened.iter().any(repeated) {
            errors.at(&word, Message::new(format!("`{}` is given twice", name(&word))).help("remove one of the two"));
        } else {
            screened.push(word);
        }
    }
    T::from_list(&screened).unwrap_or_else(|error| {
        errors.absorb(error.into());
        T::default()
    })
}

/// Keeps a known word in its right form. A misspelt one was reported, and is read as what it was meant to be.
fn screen(word: NestedMeta, known: &[&'static str], place: &str, errors: &mut Errors) -> Option<NestedMeta> {
    let unknown = Message::new(format!("unknown word `{}` on {place} of a profile", name(&word)));
    let NestedMeta::Meta(meta) = &word else {
        errors.at(&word, unknown.help(all(known)));
        return None;
    };
    let written = name(&word);
    let meant = match closest(&written, known.iter().copied()) {
        Some(meant) if meant == written => meant,
        Some(meant) => {
            errors.at(meta.path(), unknown.help(format!("a word with a similar name exists: `{meant}`")));
            meant
        }
        None => {
            errors.at(meta.path(), unknown.help(all(known)));
            return None;
        }
    };
    let takes_value = ["crate", "claim"].contains(&meant);
    let well_formed = match meta {
        Meta::Path(_) => !takes_value,
        Meta::NameValue(_) => takes_value,
        Meta::List(_) => false,
    };
    if !well_formed && meant == written {
        let form = match meant {
            "crate" => "crate = ::usermgr",
            "claim" => "claim = \"name\"",
            meant => meant,
        };
        errors.at(meta, Message::new(format!("expected `{form}`")).help(format!("write `#[profile({form})]`")));
    }
    well_formed.then(|| corrected(meta.clone(), meant))
}

fn all(known: &[&'static str]) -> String {
    match known {
        [only] => format!("the only word here is `{only}`"),
        _ => format!("the words are {}", listed(known.iter().copied())),
    }
}

fn corrected(mut meta: Meta, name: &str) -> NestedMeta {
    let path = match &mut meta {
        Meta::Path(path) => path,
        Meta::List(list) => &mut list.path,
        Meta::NameValue(pair) => &mut pair.path,
    };
    if let Some(last) = path.segments.last_mut() {
        last.ident = proc_macro2::Ident::new(name, last.ident.span());
    }
    NestedMeta::Meta(meta)
}
