//! The `impl` block: its outline goes in, the hooks to forward come out, and everything that must not be there is reported.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Generics, Ident, ImplItem, ImplItemFn, ItemImpl, Meta, PredicateType, Type, TypeParam, TypeParamBound,
    WherePredicate, parse_quote,
};

use crate::errors::{Errors, Message, listed};
use crate::hooks::{self, HookSpec};
use crate::item::{Outline, cfgs, conditional};
use crate::operations::OPERATIONS;
use crate::settings::{Settings, Slot};
use crate::signature::{self, Hook, shown};
use crate::suggest::{closest, mistaken};

/// What the attributes and the header of the block allow to be generated.
pub(crate) enum Header {
    /// An inherent `impl` of a named type, or a block that can be read as one.
    Manager,
    /// Nothing can be generated for this block.
    Foreign,
    /// Such a block cannot exist, and the compiler would report it a second time.
    Impossible,
}

/// Checks the header, and removes what would only cause further errors.
pub(crate) fn check_header(item: &mut ItemImpl, errors: &mut Errors) -> Header {
    check_attributes(item, errors);
    // The compiler has reported it while parsing.
    item.unsafety = None;
    if let Some((path, _)) = &item.trait_ {
        let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let message =
            Message::new(format!("`#[user_manager]` expects an inherent `impl`, found an implementation of `{name}`"));
        if name != "UserManager" {
            errors.at(path, message.help("move the attribute to an `impl` block without a trait"));
            return Header::Foreign;
        }
        errors.at(path, message.help("remove `UserManager for`; the macro writes the trait implementation"));
        item.trait_ = None;
    }
    let found = match &*item.self_ty {
        Type::Path(_) | Type::Group(_) | Type::Paren(_) => return Header::Manager,
        Type::Reference(_) => "a reference",
        Type::TraitObject(_) => "a trait object",
        Type::Tuple(_) => "a tuple",
        Type::Slice(_) => "a slice",
        Type::Array(_) => "an array",
        _ => "another type",
    };
    let message = Message::new(format!("expected the manager type to be a path, found {found}"));
    match &*item.self_ty {
        Type::Reference(reference) => {
            let named = &*reference.elem;
            errors.at(&item.self_ty, message.help(format!("write `impl {}`", shown(named))));
            *item.self_ty = named.clone();
            Header::Manager
        }
        Type::TraitObject(_) => {
            errors.at(&item.self_ty, message.help("write `impl` for a type of your own"));
            Header::Foreign
        }
        _ => {
            errors.at(&item.self_ty, message.help("write `impl` for a type of your own"));
            Header::Impossible
        }
    }
}

/// An inherent `impl` cannot have associated types. `type Store = ..` is read as the setting it was meant to be.
pub(crate) fn check_types(item: &ItemImpl, settings: &mut Settings, errors: &mut Errors) {
    for item in &item.items {
        let ImplItem::Type(item) = item else { continue };
        let (ident, ty) = (&item.ident, &item.ty);
        let message = Message::new(format!("`type {ident}` cannot be written in a user manager `impl`"));
        if ident == "Store" {
            let store = shown(ty);
            errors.at(
                ident,
                message.help(format!("name the store in the attribute: `#[user_manager(store = {store}, ..)]`")),
            );
            if let Slot::Default = settings.store {
                settings.store = Slot::Given(ty.clone());
            }
        } else {
            errors.at(ident, message.help("write a type alias outside of the block"));
        }
    }
}

/// These attributes would fail on the printed block, or write a second trait implementation.
fn check_attributes(item: &mut ItemImpl, errors: &mut Errors) {
    check_conditional(&item.attrs, "cfg", errors);
    item.attrs.retain(|attribute| {
        let message = match attribute.path().segments.last() {
            Some(last) if last.ident == "user_manager" => {
                Message::new("duplicate `#[user_manager]` on one `impl` block")
                    .help("merge the settings into one attribute")
            }
            Some(last) if last.ident == "async_trait" => {
                Message::new("`#[async_trait]` is not needed here").help("remove it; hooks are plain `async fn`s")
            }
            _ => return true,
        };
        errors.at(attribute.path(), message);
        false
    });
}

/// The traits of a store.
pub(crate) const STORES: [&str; 7] =
    ["UserStore", "SessionStore", "CredentialStore", "OutboxStore", "HistoryStore", "Directory", "Import"];

/// A manager that is generic over a store has that one, and not the default.
pub(crate) fn check_store(item: &ItemImpl, settings: &mut Settings, errors: &mut Errors) {
    let Slot::Default = settings.store else { return };
    let Some(store) = item.generics.type_params().find(|param| is_store(param, &item.generics)) else { return };
    let name = &store.ident;
    let message =
        Message::new(format!("setting `store` is missing in a block that is generic over the store `{name}`"));
    errors.at(name, message.help(format!("add `store = {name}` to the attribute")));
    settings.store = Slot::Given(parse_quote!(#name));
}

/// Whether the bounds of a parameter say that it is a store.
fn is_store(param: &TypeParam, generics: &Generics) -> bool {
    let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let elsewhere = clauses.filter_map(|predicate| match predicate {
        WherePredicate::Type(PredicateType { bounded_ty: Type::Path(ty), bounds, .. })
            if ty.path.is_ident(&param.ident) =>
        {
            Some(bounds)
        }
        _ => None,
    });
    elsewhere.chain([&param.bounds]).flatten().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| STORES.iter().any(|name| last.ident == name))
        }
        _ => false,
    })
}

/// The well-formed hooks, in the order in which they are written; `unknown` receives the names that resemble those of hooks.
pub(crate) fn hooks<'a>(outline: &'a Outline, unknown: &mut Vec<Ident>, errors: &mut Errors) -> Vec<Hook<'a>> {
    let mut hooks: Vec<Hook<'_>> = Vec::new();
    for (at, item) in outline.item.items.iter().enumerate() {
        match item {
            ImplItem::Fn(method) => {
                let spec = match classify(method, errors) {
                    Method::Hook(spec) => spec,
                    Method::Unknown => {
                        unknown.push(method.sig.ident.clone());
                        continue;
                    }
                    Method::Other => continue,
                };
                let Some(mut hook) = signature::check(method, spec, &outline.item.generics, errors) else { continue };
                // rustc reports two definitions that exist together; two forwarders would only repeat that.
                let earlier = hooks.iter().filter(|other| other.spec.name == spec.name);
                hook.unless = earlier.map(Hook::conditions).collect();
                let exists = outline.sound.is_none_or(|sound| at < sound);
                if exists && !hook.unless.iter().any(TokenStream::is_empty) {
                    hooks.push(hook);
                }
            }
            ImplItem::Macro(call) => {
                let (path, bang) = (&call.mac.path, &call.mac.bang_token);
                let message = Message::new("macros cannot be used as items in a user manager `impl`");
                let reason = "hooks written by a macro are invisible to `#[user_manager]`";
                errors.at(&quote!(#path #bang), message.note(reason));
            }
            // Removed from the printed block, and reported with the header.
            ImplItem::Type(_) => {}
            // An associated constant is left alone. What syn cannot read is an error in an inherent `impl`,
            // which rustc words better.
            ImplItem::Const(_) | ImplItem::Verbatim(_) => {}
            _ => errors.at(item, Message::new("unknown kind of item in a user manager `impl`")),
        }
    }
    hooks
}

/// The intended role of a method.
enum Method {
    Hook(&'static HookSpec),
    /// A hook that does not exist.
    Unknown,
    /// Nothing special, or something that was already reported.
    Other,
}

/// Decides by the name.
fn classify(method: &ImplItemFn, errors: &mut Errors) -> Method {
    let ident = &method.sig.ident;
    let name = ident.to_string();
    let conditional_helper = check_conditional(&method.attrs, "helper", errors);
    let helper = method.attrs.iter().find(|attribute| attribute.path().is_ident("helper"));
    if let Some(attribute) = helper.filter(|attribute| !matches!(attribute.meta, Meta::Path(_))) {
        errors.at(attribute, Message::new("`#[helper]` takes no arguments").help("write `#[helper]`"));
    }
    let known = HookSpec::named(&name);
    if let (Some(attribute), Some(_)) = (helper, known) {
        let message = Message::new(format!("`{name}` is a hook and cannot be a helper"));
        errors.at(attribute, message.help("rename the method, or remove `#[helper]`"));
        return Method::Other;
    }
    if let Some(spec) = known {
        // It is not known whether a conditional one exists, so it is not forwarded.
        return if check_conditional(&method.attrs, "cfg", errors) { Method::Other } else { Method::Hook(spec) };
    }
    if helper.is_some() || conditional_helper {
        return Method::Other;
    }
    if OPERATIONS.contains(&name.as_str()) {
        let message = Message::new(format!("`{name}` is an operation of every manager and cannot be redefined"));
        errors
            .at(ident, message.help("rename the method, or mark it `#[helper]` if it is meant to hide the operation"));
    } else if name.starts_with("on_") {
        errors.at(ident, unknown_hook(&name));
        return Method::Unknown;
    } else if let Some(hook) =
        mistaken(&name, hooks::names()).or_else(|| mistaken(&format!("on_{name}"), hooks::names()))
    {
        let help =
            format!("a hook with a similar name exists: `{hook}`; or mark it `#[helper]` if it is not meant as a hook");
        errors.at(ident, Message::new(format!("no hook is named `{name}`")).help(help));
        return Method::Unknown;
    }
    Method::Other
}

fn unknown_hook(name: &str) -> Message {
    let message = Message::new(format!("no hook is named `{name}`"));
    match similar(name) {
        Some(hook) => message.help(format!("a hook with a similar name exists: `{hook}`")),
        None => message
            .note("names starting with `on_` are reserved for hooks")
            .help(format!("the hooks are {}", listed(hooks::names())))
            .help("mark the method `#[helper]` if it is not meant as a hook"),
    }
}

/// Most names begin alike, so only the rest of a name counts for similarity.
fn similar(name: &str) -> Option<&'static str> {
    let rest = ["on_before_", "on_after_"].into_iter().find_map(|prefix| Some((prefix, name.strip_prefix(prefix)?)));
    let near = rest.and_then(|(prefix, rest)| {
        let meant = closest(rest, hooks::names().filter_map(|hook| hook.strip_prefix(prefix)))?;
        hooks::names().find(|hook| hook.strip_prefix(prefix) == Some(meant))
    });
    near.or_else(|| mistaken(name, hooks::names()))
}

/// Attribute macros see `cfg_attr` unexpanded, so what it would add is unknown. Returns whether it was there.
fn check_conditional(attributes: &[Attribute], name: &str, errors: &mut Errors) -> bool {
    let adds = |attribute: &&Attribute| conditional(&attribute.meta).iter().any(|inner| inner.path().is_ident(name));
    let mut found = false;
    for attribute in attributes.iter().filter(adds) {
        let message = Message::new(format!("`#[{name}]` inside `cfg_attr` is not supported in a user manager"));
        errors.at(attribute, message.help(format!("write `#[{name}]` by itself")));
        found = true;
    }
    found
}

impl Hook<'_> {
    /// The predicates under which the hook exists; nothing if it always does.
    fn conditions(&self) -> TokenStream {
        let conditions = cfgs(self.attributes).filter_map(|attribute| attribute.meta.require_list().ok());
        conditions.map(|list| list.tokens.to_token_stream()).reduce(|all, next| quote!(#all, #next)).unwrap_or_default()
    }
}
