//! The user's `#[serde(..)]` attributes: what is written on the profile goes in, what the payloads inherit comes out.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Meta, MetaList, MetaNameValue, Token};

use crate::errors::{Errors, Message};
use crate::value::peel;

/// What is done with one word of a field.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Names the field: both payloads inherit it.
    Both,
    /// Gives the value of a missing field: in an update, a missing field means "unchanged" instead.
    Register,
    /// Reads the value: in an update the result is wrapped.
    Read,
    /// Concerns only writing: what it writes must be read back.
    Write,
    /// Concerns borrowed data.
    Drop,
    /// Cannot be distinguished from the user's own fields.
    Refuse,
}

const FIELD_WORDS: &[(&str, Fate)] = &[
    ("rename", Fate::Both),
    ("alias", Fate::Both),
    ("default", Fate::Register),
    ("with", Fate::Read),
    ("deserialize_with", Fate::Read),
    ("skip", Fate::Write),
    ("skip_deserializing", Fate::Write),
    ("skip_serializing", Fate::Write),
    ("skip_serializing_if", Fate::Write),
    ("serialize_with", Fate::Write),
    ("flatten", Fate::Refuse),
    ("getter", Fate::Drop),
    ("borrow", Fate::Drop),
    ("bound", Fate::Drop),
];

/// Attributes that give the struct another form than an object with its fields.
const REFUSED_ON_STRUCT: [&str; 8] =
    ["deny_unknown_fields", "from", "into", "remote", "tag", "transparent", "try_from", "untagged"];

/// What the struct's own attributes say about all fields.
#[derive(Default)]
pub(super) struct Container {
    pub(super) rename_all: Option<Meta>,
    /// The whole value that a field takes its default from, as an expression.
    pub(super) default: Option<TokenStream>,
}

impl Container {
    pub(super) fn read(attributes: &[Attribute], name: &Ident, errors: &mut Errors) -> Self {
        let mut container = Container::default();
        for word in words(attributes) {
            if let Some(refused) = REFUSED_ON_STRUCT.iter().find(|refused| word.path().is_ident(refused)) {
                let message = Message::new(format!("`#[serde({refused})]` is not supported on a profile"));
                errors.at(
                    &word,
                    message
                        .help("remove it")
                        .note("the fields of a profile are written beside those of the user, in one object"),
                );
            }
            if word.path().is_ident("default") {
                container.default = Some(match path(&word) {
                    Some(function) => quote!(#function()),
                    None => quote!(<#name as ::core::default::Default>::default()),
                });
            }
            if word.path().is_ident("rename_all") {
                container.rename_all = Some(word);
            }
        }
        container
    }

    /// The naming rules for fields without `rename`, for writing and for reading.
    pub(super) fn rules(&self) -> Sides {
        self.rename_all.as_ref().map(sides).unwrap_or_default()
    }
}

/// What a word says for writing, and for reading.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) written: Option<LitStr>,
    pub(super) read: Option<LitStr>,
}

/// The name that serde makes of a field's name by a rule of `rename_all`.
pub(super) fn renamed(rule: Option<&LitStr>, name: &str) -> String {
    let capitals = || {
        name.split('_').map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
    };
    match rule.map(LitStr::value).as_deref() {
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        Some("PascalCase") => capitals().collect(),
        Some("camelCase") => {
            let pascal: String = capitals().collect();
            let mut letters = pascal.chars();
            letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
        }
        // `lowercase` and `snake_case` leave a field unchanged; serde refuses an unknown rule.
        _ => name.to_owned(),
    }
}

/// What one field's attributes say.
#[derive(Default)]
pub(super) struct FieldWords {
    /// Words for both payloads.
    pub(super) both: Vec<Meta>,
    /// Words for the register payload only.
    pub(super) register: Vec<Meta>,
    /// The function that reads the field.
    pub(super) reader: Option<TokenStream>,
    /// The words that concern only writing.
    pub(super) write: Vec<Meta>,
    /// Every name the field is read or written under, other than its own.
    pub(super) names: Vec<LitStr>,
    /// The word that gives it another name, with the name for each side.
    pub(super) rename: Option<(Meta, Sides)>,
    /// The names under which it is read besides.
    pub(super) aliases: Vec<LitStr>,
    /// Whether it may be missing.
    pub(super) default: bool,
}

impl FieldWords {
    pub(super) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut all = FieldWords::default();
        for word in words(attributes) {
            // serde itself reports what it does not know, on the struct.
            let Some((name, fate)) = FIELD_WORDS.iter().find(|(name, _)| word.path().is_ident(name)) else { continue };
            match fate {
                Fate::Both => {
                    all.names.extend(texts(&word));
                    match *name {
                        "rename" => all.rename = Some((word.clone(), sides(&word))),
                        _ => all.aliases.extend(texts(&word)),
                    }
                    all.both.push(word);
                }
                Fate::Register => {
                    all.default = true;
                    all.register.push(word);
                }
                Fate::Read => {
                    all.reader = reader(&word);
                    all.register.push(word);
                }
                Fate::Write => all.write.push(word),
                Fate::Refuse => {
                    let message = Message::new("`#[serde(flatten)]` is not supported in a profile");
                    errors.at(&word, message.help("give the inner struct a field of its own"));
                }
                Fate::Drop => {}
            }
        }
        all
    }

    /// The word of this name that concerns only writing.
    pub(super) fn written_by(&self, name: &str) -> Option<&Meta> {
        self.write.iter().find(|word| word.path().is_ident(name))
    }

    /// The name it is written under, and whether that is the struct's doing.
    pub(super) fn written(&self, ident: &str, rules: &Sides) -> (String, bool) {
        match self.rename.as_ref().and_then(|(_, sides)| sides.written.as_ref()) {
            Some(name) => (name.value(), false),
            None => (renamed(rules.written.as_ref(), ident), true),
        }
    }

    /// The name it is read under first.
    pub(super) fn read_as(&self, ident: &str, rules: &Sides) -> String {
        match self.rename.as_ref().and_then(|(_, sides)| sides.read.as_ref()) {
            Some(name) => name.value(),
            None => renamed(rules.read.as_ref(), ident),
        }
    }
}

/// The words of all `#[serde(..)]` attributes; one that cannot be read is serde's to report.
fn words(attributes: &[Attribute]) -> Vec<Meta> {
    let serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.filter_map(|attribute| attribute.meta.require_list().ok()).flat_map(inner).collect()
}

fn inner(list: &MetaList) -> Vec<Meta> {
    let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    metas.map(|metas| metas.into_iter().collect()).unwrap_or_default()
}

/// The texts of `word = ".."` and of `word(serialize = "..", deserialize = "..")`.
fn texts(word: &Meta) -> Vec<LitStr> {
    match word {
        Meta::Path(_) => Vec::new(),
        // In a `macro_rules!`, it may be in an invisible group.
        Meta::NameValue(MetaNameValue { value, .. }) => match peel(value) {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => vec![text.clone()],
            _ => Vec::new(),
        },
        Meta::List(list) => inner(list).iter().flat_map(texts).collect(),
    }
}

/// The texts of `word = ".."` and of `word(serialize = "..", deserialize = "..")`, by side.
fn sides(word: &Meta) -> Sides {
    let Meta::List(list) = word else {
        let text = texts(word).into_iter().next();
        return Sides { written: text.clone(), read: text };
    };
    let inner = inner(list);
    let side =
        |name| inner.iter().find(|word| word.path().is_ident(name)).and_then(|word| texts(word).into_iter().next());
    Sides { written: side("serialize"), read: side("deserialize") }
}

/// The path of a function, which may be that of a trait: `<Trim as Reader>::read`.
fn path(word: &Meta) -> Option<ExprPath> {
    texts(word).first()?.parse().ok()
}

fn reader(word: &Meta) -> Option<TokenStream> {
    let path = path(word)?;
    Some(if word.path().is_ident("with") { quote!(#path::deserialize) } else { path.to_token_stream() })
}
