//! The user's `#[serde(..)]` attributes: what is written on the profile goes in, what the payloads inherit comes out.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, MetaList, MetaNameValue, Path, Token};

use crate::errors::{Errors, Message};

/// What becomes of one word of a field.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Names the field: both payloads inherit it.
    Both,
    /// Says what a missing field is: a missing update means "unchanged" instead.
    Register,
    /// Reads the value: in an update the result is wrapped.
    Read,
    /// Clients cannot send the field at all.
    LeaveOut,
    /// Concerns writing, or borrowed data.
    Drop,
    /// Cannot be told apart from the user's own fields.
    Refuse,
}

const FIELD_WORDS: &[(&str, Fate)] = &[
    ("rename", Fate::Both),
    ("alias", Fate::Both),
    ("default", Fate::Register),
    ("with", Fate::Read),
    ("deserialize_with", Fate::Read),
    ("skip", Fate::LeaveOut),
    ("skip_deserializing", Fate::LeaveOut),
    ("flatten", Fate::Refuse),
    ("serialize_with", Fate::Drop),
    ("skip_serializing", Fate::Drop),
    ("skip_serializing_if", Fate::Drop),
    ("getter", Fate::Drop),
    ("borrow", Fate::Drop),
    ("bound", Fate::Drop),
];

/// These give the struct another form than an object with its fields.
const REFUSED_ON_STRUCT: [&str; 8] =
    ["deny_unknown_fields", "from", "into", "remote", "tag", "transparent", "try_from", "untagged"];

/// What the struct's own attributes say about all fields.
#[derive(Default)]
pub(super) struct Container {
    pub(super) rename_all: Option<Meta>,
    camel_case: bool,
}

impl Container {
    pub(super) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
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
            if word.path().is_ident("rename_all") {
                container.camel_case = texts(&word).iter().any(|text| text.value() == "camelCase");
                container.rename_all = Some(word);
            }
        }
        container
    }

    /// The name serde writes for a field nobody renamed. Only this rule can turn another name into a reserved one.
    pub(super) fn written(&self, name: &str) -> String {
        let mut written = String::new();
        let mut capital = false;
        for letter in name.chars() {
            match letter {
                '_' if self.camel_case => capital = !written.is_empty(),
                letter if capital => written.extend(letter.to_uppercase()),
                letter => written.push(letter),
            }
            capital &= letter == '_';
        }
        written
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
    pub(super) left_out: bool,
    /// Every name the field is read or written under, other than its own.
    pub(super) names: Vec<LitStr>,
    /// Whether one of these names replaces its own.
    pub(super) renamed: bool,
}

impl FieldWords {
    pub(super) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut all = FieldWords::default();
        for word in words(attributes) {
            // What serde does not know it reports itself, on the struct.
            let Some((name, fate)) = FIELD_WORDS.iter().find(|(name, _)| word.path().is_ident(name)) else { continue };
            match fate {
                Fate::Both => {
                    all.names.extend(texts(&word));
                    all.renamed |= *name == "rename";
                    all.both.push(word);
                }
                Fate::Register => all.register.push(word),
                Fate::Read => {
                    all.reader = reader(&word);
                    all.register.push(word);
                }
                Fate::LeaveOut => all.left_out = true,
                Fate::Refuse => {
                    let message = Message::new("`#[serde(flatten)]` is not supported in a profile");
                    errors.at(&word, message.help("give the inner struct a field of its own"));
                }
                Fate::Drop => {}
            }
        }
        all
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
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) => {
            vec![text.clone()]
        }
        Meta::NameValue(_) => Vec::new(),
        Meta::List(list) => inner(list).iter().flat_map(texts).collect(),
    }
}

fn reader(word: &Meta) -> Option<TokenStream> {
    let path: Path = texts(word).first()?.parse().ok()?;
    Some(if word.path().is_ident("with") { quote!(#path::deserialize) } else { path.to_token_stream() })
}
