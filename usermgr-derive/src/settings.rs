//! The settings of the attribute: its tokens go in, checked settings in table order come out.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, Ident, LitStr, Type};

use crate::crate_path::CratePath;
use crate::errors::{Errors, Message, listed};
use crate::list::{self, Argument, Shape};
use crate::signature::shown;
use crate::suggest::closest;
use crate::value::{AUDIENCE_NOTE, Comparison, Known, LIFETIME_SECONDS, Value, ValueKind, compare};

/// One setting. A new setting of a known kind is one new row.
pub(crate) struct SettingSpec {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What the runtime uses for an audience that is not given.
    pub(crate) default: Option<&'static str>,
    example: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Value(ValueKind),
    Store,
    Engine,
    Crate,
}

/// Every setting, in the order in which they are emitted.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    secret("secret", "self.config.secret"),
    secret("reset_secret", "self.config.reset_secret"),
    secret("verify_secret", "self.config.verify_secret"),
    secret("oauth_secret", "self.config.oauth_secret"),
    secret("data_secret", "self.config.data_secret"),
    audience("reset_audience", "usermgr:reset"),
    audience("verify_audience", "usermgr:verify"),
    audience("change_email_audience", "usermgr:change_email"),
    audience("oauth_audience", "usermgr:oauth"),
    lifetime("reset_lifetime", LIFETIME_SECONDS),
    lifetime("verify_lifetime", LIFETIME_SECONDS),
    lifetime("change_email_lifetime", LIFETIME_SECONDS),
    lifetime("oauth_lifetime", 600),
    other("store", Kind::Store, "SqliteStore"),
    other("engine", Kind::Engine, "self.engine"),
    other("crate", Kind::Crate, "::usermgr"),
];

/// The names that FastAPI Users has for these settings.
const FASTAPI_USERS: [(&str, &str); 6] = [
    ("reset_password_token_secret", "reset_secret"),
    ("reset_password_token_lifetime_seconds", "reset_lifetime"),
    ("reset_password_token_audience", "reset_audience"),
    ("verification_token_secret", "verify_secret"),
    ("verification_token_lifetime_seconds", "verify_lifetime"),
    ("verification_token_audience", "verify_audience"),
];

/// At least one of these must be given, since no safe default exists.
const ROOT_SECRETS: [&str; 2] = ["reset_secret", "secret"];

const fn secret(name: &'static str, example: &'static str) -> SettingSpec {
    SettingSpec { name, kind: Kind::Value(ValueKind::Secret), default: None, example }
}

const fn audience(name: &'static str, default: &'static str) -> SettingSpec {
    SettingSpec { name, kind: Kind::Value(ValueKind::Audience), default: Some(default), example: "\"shop:purpose\"" }
}

const fn lifetime(name: &'static str, longest: u64) -> SettingSpec {
    let example = if longest < 3600 { "600" } else { "3600" };
    SettingSpec { name, kind: Kind::Value(ValueKind::Lifetime { longest }), default: None, example }
}

const fn other(name: &'static str, kind: Kind, example: &'static str) -> SettingSpec {
    SettingSpec { name, kind, default: None, example }
}

impl SettingSpec {
    /// How it is written.
    pub(crate) fn usage(&self) -> String {
        format!("{} = {}", self.name, self.example)
    }
}

/// The checked settings of the attribute.
pub(crate) struct Settings {
    pub(crate) krate: CratePath,
    pub(crate) store: Slot<Type>,
    pub(crate) engine: Slot<Expr>,
    /// Secrets, audiences and lifetimes, in table order.
    pub(crate) values: Vec<(&'static str, Value)>,
    /// Values that only the compiler can compare.
    pub(crate) pairs: Vec<Pair>,
    /// Keys that name no setting.
    pub(crate) unknown: Vec<Ident>,
}

/// Two settings that must differ, of which at least one is a constant.
pub(crate) struct Pair {
    pub(crate) blamed: (&'static str, Value),
    pub(crate) other: (&'static str, Value),
    pub(crate) message: String,
}

/// A setting with a default. `Broken` was already reported, and errors that depend on it are not reported.
pub(crate) enum Slot<T> {
    Default,
    Given(T),
    Broken,
}

impl Settings {
    /// `attribute` is the place of the error for an absent setting.
    pub(crate) fn parse(tokens: TokenStream, attribute: Span, errors: &mut Errors) -> Self {
        let mut malformed = Errors::default();
        let arguments =
            list::parse(tokens, |key| recognize(key).is_some_and(|spec| spec.kind == Kind::Store), &mut malformed);
        let well_formed = malformed.is_empty();
        errors.append(malformed);

        let mut settings = Settings {
            krate: CratePath::default(),
            store: Slot::Default,
            engine: Slot::Default,
            values: Vec::new(),
            pairs: Vec::new(),
            unknown: Vec::new(),
        };
        let mut seen: Vec<&str> = Vec::new();
        for Argument { key, shape } in arguments {
            let spec = screen(&key, &seen, errors);
            if SETTINGS.iter().all(|spec| key != spec.name) {
                settings.unknown.push(key.clone());
            }
            let Some(spec) = spec else { continue };
            seen.push(spec.name);
            // A misspelt key was reported, and is read as what it was meant to be, so that it causes no further error.
            settings.set(spec, &key, shape, errors);
        }
        if !well_formed && seen.is_empty() {
            // It is unknown which store was meant.
            settings.store = Slot::Broken;
        }
        if well_formed
            && !settings.unknown.iter().any(is_secret)
            && !ROOT_SECRETS.iter().any(|name| seen.contains(name))
        {
            let message = Message::new("missing setting `reset_secret`");
            errors
                .at_span(attribute, message.help("add `reset_secret = ..`, or `secret = ..` for one root of all keys"));
        }
        settings.pairs = check_distinct(&settings.values, &seen, errors);
        settings.values.sort_by_key(|(name, _)| SETTINGS.iter().position(|row| row.name == *name));
        settings
    }

    fn set(&mut self, spec: &'static SettingSpec, key: &Ident, shape: Shape, errors: &mut Errors) {
        let given = well_shaped(spec, key, shape, errors);
        let judged = match (spec.kind, given) {
            (_, Some(Given::Type(ty))) => return self.store = Slot::Given(ty),
            (Kind::Store, _) => return self.store = Slot::Broken,
            (Kind::Engine, Some(Given::Expr(expr))) => return self.engine = Slot::Given(expr),
            (Kind::Engine, None) => return self.engine = Slot::Broken,
            (Kind::Crate, Some(Given::Expr(expr))) => {
                return self.krate = CratePath::check(&expr, errors).unwrap_or_default();
            }
            (Kind::Value(kind), Some(Given::Expr(expr))) => kind.judge(spec.name, expr, errors),
            (Kind::Crate | Kind::Value(_), None) => None,
        };
        self.values.extend(judged.map(|value| (spec.name, value)));
    }
}

enum Given {
    Expr(Expr),
    Type(Type),
}

/// The row a key names, or was most likely meant to name.
fn recognize(key: &Ident) -> Option<&'static SettingSpec> {
    let key = key.to_string();
    let name = fastapi_users(&key).or_else(|| closest(&key, SETTINGS.iter().map(|spec| spec.name)))?;
    SETTINGS.iter().find(|spec| spec.name == name)
}

/// The name here for a setting of FastAPI Users.
fn fastapi_users(key: &str) -> Option<&'static str> {
    FASTAPI_USERS.iter().find(|(theirs, _)| *theirs == key).map(|(_, ours)| *ours)
}

/// Whether a key that names no setting was meant to be a secret.
fn is_secret(key: &Ident) -> bool {
    key.to_string().to_lowercase().contains("secret")
}

/// Reports unknown and repeated keys.
fn screen(key: &Ident, seen: &[&str], errors: &mut Errors) -> Option<&'static SettingSpec> {
    let spec = recognize(key);
    let Some(spec) = spec.filter(|spec| key == spec.name) else {
        let message = Message::new(format!("unknown setting `{key}`"));
        errors.at(
            key,
            match spec {
                Some(spec) if fastapi_users(&key.to_string()).is_some() => {
                    message.help(format!("write `{}`, the name of this setting in usermgr", spec.name))
                }
                Some(spec) => message.help(format!("a setting with a similar name exists: `{}`", spec.name)),
                None if is_secret(key) => message.help("a setting with a similar name exists: `secret`"),
                None => message.help(format!("the settings are {}", listed(SETTINGS.iter().map(|spec| spec.name)))),
            },
        );
        return spec.filter(|spec| !seen.contains(&spec.name));
    };
    if seen.contains(&spec.name) {
        errors.at(key, Message::new(format!("setting `{key}` is given twice")).help("remove one of the two"));
        return None;
    }
    Some(spec)
}

fn well_shaped(spec: &SettingSpec, key: &Ident, shape: Shape, errors: &mut Errors) -> Option<Given> {
    let SettingSpec { name, kind, .. } = spec;
    let (blamed, statement) = match shape {
        Shape::Expr(expr) => return Some(Given::Expr(expr)),
        Shape::Type(ty) => return Some(Given::Type(ty)),
        Shape::Word => (key.to_token_stream(), format!("setting `{name}` needs a value")),
        Shape::List(tokens) => (tokens, format!("setting `{name}` takes `= value`, not a list")),
        Shape::Empty(equals) => (equals.to_token_stream(), format!("expected a value after `{name} =`")),
        Shape::Broken(tokens) if *kind == Kind::Store => {
            let message = Message::new(format!("expected a type after `{name} =`"));
            let quoted = syn::parse2::<LitStr>(tokens.clone()).and_then(|text| text.parse::<Type>()).ok();
            let help = quoted.as_ref().map_or_else(
                || format!("write `{}`", spec.usage()),
                |ty| format!("remove the quotes: `{name} = {}`", shown(ty)),
            );
            errors.at(&tokens, message.help(help));
            return quoted.map(Given::Type);
        }
        Shape::Broken(tokens) => (tokens, format!("expected an expression after `{name} =`")),
    };
    errors.at(&blamed, Message::new(statement).help(format!("write `{}`", spec.usage())));
    None
}

/// Two purposes must not share a key or an audience; `values` are in the order in which they were written.
fn check_distinct(values: &[(&'static str, Value)], seen: &[&str], errors: &mut Errors) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (at, (name, value)) in values.iter().enumerate() {
        let earlier = values.iter().take(at).map(|(twin, other)| (*twin, other.clone(), false));
        let defaults = SETTINGS
            .iter()
            .filter(|row| !seen.contains(&row.name))
            .filter_map(|row| Some((row.name, default(row)?, true)));
        for (twin, other, is_default) in earlier.chain(defaults).filter(|(_, other, _)| other.kind == value.kind) {
            let message = match value.kind {
                ValueKind::Secret => same_secret(name, twin),
                ValueKind::Audience => same_audience(name, twin, is_default.then_some(&other)),
                ValueKind::Lifetime { .. } => continue,
            };
            match compare(value, &other) {
                Comparison::Equal => {
                    errors.at(&value.expr, message);
                    break;
                }
                Comparison::Open => {
                    pairs.push(Pair {
                        blamed: (name, value.clone()),
                        other: (twin, other),
                        message: message.text().to_owned(),
                    });
                }
                Comparison::Unequal => {}
            }
        }
    }
    pairs
}

fn default(row: &SettingSpec) -> Option<Value> {
    let (text, Kind::Value(kind)) = (row.default?, row.kind) else { return None };
    Some(Value { kind, expr: syn::parse_quote!(#text), known: Known::Literal })
}

// The value of a secret is never shown.
fn same_secret(name: &str, twin: &str) -> Message {
    let message = Message::new(format!("`{name}` and `{twin}` are the same"));
    if [name, twin].contains(&"data_secret") {
        return message
            .help("use a different secret for data, or leave `data_secret` out: it is derived from the root then");
    }
    message
        .help("use a different secret for each kind of token")
        .note("with one key for both, a leak of one secret is a leak of both")
}

fn same_audience(name: &str, twin: &str, default: Option<&Value>) -> Message {
    let message = Message::new(format!("`{name}` and `{twin}` are the same"))
        .help("use a different audience for each kind of token")
        .note(AUDIENCE_NOTE);
    match default {
        Some(value) => message.note(format!("`{twin}` defaults to `{}`", value.expr.to_token_stream())),
        None => message,
    }
}
