//! The signature of one hook: a method named like a hook goes in, what a forwarder needs comes out.
//!
//! Only the syntax is checked here. The compiler decides whether a type is the right one, through the
//! witness traits of the runtime, since only it sees through aliases and generics.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericArgument, Generics, Ident, ImplItemFn, Lifetime, PatType, PathArguments, Receiver,
    ReceiverKind, ReturnType, Safety, Signature, Token, Type, TypePath,
};

use crate::errors::{Errors, Message, listed};
use crate::hooks::{HookSpec, Outcome, Param};

/// A hook that can be forwarded.
pub(crate) struct Hook<'a> {
    pub(crate) spec: &'static HookSpec,
    pub(crate) ident: &'a Ident,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) asyncness: Token![async],
    /// The types after `&self`; the context may be absent.
    pub(crate) args: Vec<&'a Type>,
    pub(crate) output: Option<&'a Type>,
    /// The conditions of other hooks of the name, which come before this one.
    pub(crate) unless: Vec<TokenStream>,
}

pub(crate) fn check<'a>(
    method: &'a ImplItemFn,
    spec: &'static HookSpec,
    block: &Generics,
    errors: &mut Errors,
) -> Option<Hook<'a>> {
    let mut own = Errors::default();
    let Signature { ident, generics, asyncness, inputs, output, .. } = &method.sig;
    qualifiers(&method.sig, &mut own);
    if !generics.params.is_empty() {
        generic(&method.sig, &mut own);
    }
    if let Some(clause) = &generics.where_clause {
        let message = Message::new(format!("hook `{ident}` must not have a where clause"));
        own.at(clause, message.help("move it to the `impl`"));
    }
    receiver(&method.sig, &mut own);
    let args: Vec<&PatType> = inputs.iter().filter_map(typed).collect();
    arity(&method.sig, &args, spec, &mut own);
    for arg in &args {
        argument(arg, spec, &mut own);
    }
    for (arg, param) in args.iter().zip(spec.all_params()) {
        lifetimes(arg, param, block, &mut own);
    }
    let output = match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    outcome(&method.sig, output, spec, &mut own);

    // The compiler reports what is not declared; a forwarder would repeat it.
    let types = args.iter().map(|arg| &*arg.ty).chain(output);
    let well_formed = own.is_empty() && !types.into_iter().any(|ty| names_undeclared(ty.to_token_stream(), block));
    errors.append(own);
    let asyncness = (*asyncness).filter(|_| well_formed)?;
    let args = args.into_iter().map(|arg| &*arg.ty).collect();
    Some(Hook { spec, ident, attributes: &method.attrs, asyncness, args, output, unless: Vec::new() })
}

fn typed(input: &FnArg) -> Option<&PatType> {
    match input {
        FnArg::Typed(arg) => Some(arg),
        FnArg::Receiver(_) => None,
    }
}

/// `async` and nothing else before `fn`.
fn qualifiers(sig: &Signature, errors: &mut Errors) {
    let Signature { constness, asyncness, safety, abi, fn_token, ident, variadic, .. } = sig;
    let mut refuse = |token: &dyn ToTokens, word: &str| {
        let message = Message::new(format!("hook `{ident}` must not be {word}"));
        errors.at(&token.to_token_stream(), message.help(format!("write `async fn {ident}`")));
    };
    if let Some(token) = constness {
        refuse(token, "const");
    }
    match safety {
        Safety::Unsafe(token) => refuse(token, "unsafe"),
        Safety::Safe(token) => refuse(token, "safe"),
        Safety::Default => {}
    }
    if let Some(abi) = abi {
        refuse(abi, "extern");
    }
    if let Some(variadic) = variadic {
        refuse(variadic, "variadic");
    }
    if asyncness.is_none() && constness.is_none() {
        let message = Message::new(format!("hook `{ident}` must be async"));
        let returns_future = matches!(&sig.output, ReturnType::Type(_, ty) if has_impl(ty));
        errors.at(
            fn_token,
            match returns_future {
                true => message.help(format!("return the value directly and write `async fn {ident}`")),
                false => message.help(format!("write `async fn {ident}`")),
            },
        );
    }
}

fn generic(sig: &Signature, errors: &mut Errors) {
    let Signature { ident, generics, .. } = sig;
    let only_lifetimes = generics.params.len() == generics.lifetimes().count();
    let message = match only_lifetimes {
        true => Message::new(format!("hook `{ident}` must not declare lifetimes")).help("elide them"),
        false => Message::new(format!("hook `{ident}` must not be generic"))
            .help("make the manager generic instead, or move the code into a helper"),
    };
    errors.at(generics, message);
}

fn receiver(sig: &Signature, errors: &mut Errors) {
    let Signature { ident, generics, inputs, paren_token, .. } = sig;
    let Some(FnArg::Receiver(receiver)) = inputs.first() else {
        let message = Message::new(format!("hook `{ident}` must take `&self`"));
        errors.at_span(paren_token.span.join(), message.help("add `&self` before the parameters"));
        return;
    };
    // The `mut` of `&mut self` is part of the reference, not of the receiver.
    let Receiver { attrs: _, mutability: _, self_token: _, kind } = receiver;
    let found = match kind {
        ReceiverKind::Reference(_, None, None) => return,
        // It was reported that the hook declares it.
        ReceiverKind::Reference(_, Some(name), None) if generics.lifetimes().any(|own| own.lifetime == *name) => return,
        ReceiverKind::Reference(_, _, Some(_)) => "`&mut self`".to_owned(),
        ReceiverKind::Reference(_, Some(lifetime), None) => format!("`&{lifetime} self`"),
        ReceiverKind::Value => "`self`".to_owned(),
        ReceiverKind::Typed(_, ty) => format!("`self: {}`", shown(&**ty)),
        _ => "another receiver".to_owned(),
    };
    let message = Message::new(format!("hook `{ident}` must take `&self`, found {found}"));
    errors.at(
        receiver,
        match kind {
            ReceiverKind::Reference(_, _, Some(_)) => message
                .help("write `&self`, and use interior mutability such as `Mutex` for state")
                .note("a manager is shared by everything that uses it"),
            _ => message.help("write `&self`"),
        },
    );
}

fn arity(sig: &Signature, args: &[&PatType], spec: &HookSpec, errors: &mut Errors) {
    let name = &sig.ident;
    let (least, most) = (spec.params.len(), spec.params.len() + 1);
    let expected = || format!("write `{}`", spec.signature());
    if args.len() < least {
        let wanted = listed(spec.params.iter().map(|param| param.shown));
        let found = match args.len() {
            0 => String::new(),
            count => format!(", found {count} parameter"),
        };
        let message = Message::new(format!("hook `{name}` must take {wanted} after `&self`{found}"));
        errors.at_span(sig.paren_token.span.join(), message.help(expected()).note("`cx` may be left out"));
    } else if args.len() > most {
        let surplus = args.iter().skip(most);
        let unit = if most == 1 { "parameter" } else { "parameters" };
        let message =
            Message::new(format!("hook `{name}` takes at most {most} {unit} after `&self`, found {}", args.len()));
        errors.at(&quote!(#(#surplus),*), message.help(expected()));
    }
}

fn argument(arg: &PatType, spec: &HookSpec, errors: &mut Errors) {
    for attribute in &arg.attrs {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            let message = Message::new("`#[cfg]` on a hook parameter is not supported");
            errors.at(attribute, message.help("put it on the hook"));
        }
    }
    if has_impl(&arg.ty) {
        let message = Message::new("a hook parameter cannot be `impl Trait`");
        errors.at(&arg.ty, message.help(format!("write `{}`", spec.signature())));
    }
}

/// The arguments of a hook live as long as the call, which no lifetime of the block can name.
fn lifetimes(arg: &PatType, param: &Param, block: &Generics, errors: &mut Errors) {
    let Type::Reference(reference) = &*arg.ty else { return };
    let inner = param.borrows().then(|| arguments(&reference.elem)).flatten();
    let inner = inner.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    });
    // Others are declared by the hook or not at all, which is reported.
    let exists =
        |name: &Lifetime| name.ident == "static" || block.lifetimes().any(|declared| declared.lifetime == *name);
    for lifetime in reference.lifetime.iter().chain(inner).filter(|lifetime| exists(lifetime)) {
        let message = Message::new(format!("a hook parameter cannot live for `{lifetime}`"));
        errors.at(lifetime, message.help(format!("write `{}: {}`", param.name, param.shown)));
    }
}

/// The generic arguments of a path.
fn arguments(ty: &Type) -> Option<impl Iterator<Item = &GenericArgument>> {
    let Type::Path(TypePath { path, .. }) = ty else { return None };
    match &path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    }
}

fn outcome(sig: &Signature, output: Option<&Type>, spec: &HookSpec, errors: &mut Errors) {
    let name = &sig.ident;
    let wanted = spec.outcome.shown();
    let must = match spec.outcome {
        Outcome::After => format!("hook `{name}` must return `()` or `{wanted}`"),
        Outcome::Gate | Outcome::Policy | Outcome::Profile => format!("hook `{name}` must return `{wanted}`"),
        Outcome::Join => format!("hook `{name}` must return `{wanted}` or `Result<(), HookError>`"),
    };
    let reason = match spec.outcome {
        Outcome::After => None,
        Outcome::Gate => Some("it decides whether the operation goes on"),
        Outcome::Profile => Some("it makes the profile of a new user"),
        Outcome::Join => Some("an error takes the change back"),
        Outcome::Policy => Some("it decides whether the password is accepted"),
    };
    let nothing = output.is_none_or(|ty| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty()));
    match (reason, output) {
        (Some(reason), None) => {
            errors.at(name, Message::new(must).help(format!("write `-> {wanted}`")).note(reason));
        }
        (Some(reason), Some(ty)) if nothing => {
            errors.at(ty, Message::new(must).help(format!("write `{wanted}`")).note(reason));
        }
        // Without `async` the future itself is returned, and that was reported.
        (_, Some(ty)) if has_impl(ty) && sig.asyncness.is_some() => {
            let message = Message::new(format!("{must}, found `{}`", shown(ty)));
            errors.at(ty, message.help("write the type itself"));
        }
        _ => {}
    }
}

/// Whether a lifetime occurs that the block does not declare; a type that declares lifetimes itself passes.
fn names_undeclared(ty: TokenStream, block: &Generics) -> bool {
    let trees: Vec<TokenTree> = ty.into_iter().collect();
    let declares = trees.iter().any(|tree| matches!(tree, TokenTree::Ident(word) if word == "for"));
    !declares
        && trees.iter().enumerate().any(|(at, tree)| match (tree, trees.get(at + 1)) {
            (TokenTree::Punct(mark), Some(TokenTree::Ident(name))) if mark.as_char() == '\'' => {
                name != "static" && name != "_" && !block.lifetimes().any(|declared| declared.lifetime.ident == *name)
            }
            (TokenTree::Group(group), _) => names_undeclared(group.stream(), block),
            _ => false,
        })
}

/// Whether `impl Trait` occurs anywhere in the type, where it cannot be named a second time.
fn has_impl(ty: &Type) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|tree| match tree {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => search(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    search(ty.to_token_stream())
}

/// The tokens as people space them, near enough for a message.
pub(crate) fn shown(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("< ", "<"), ("& ", "&"), (" ,", ",")] {
        text = text.replace(from, to);
    }
    text
}
