//! The output: the user's block as written, then the trait implementation and the constants that judge settings.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, GenericParam, ItemImpl, Type};

use crate::crate_path::CratePath;
use crate::item::{Outline, cfgs, without_helpers};
use crate::settings::{Settings, Slot};
use crate::signature::Hook;
use crate::value::{Known, Value, ValueKind, peel};

/// The user's block; only `#[helper]` is missing.
pub(crate) fn user_impl(outline: &Outline) -> TokenStream {
    let ItemImpl { attrs, modifiers: _, unsafety, impl_token, generics, trait_, self_ty, brace_token: _, items: _ } =
        &outline.item;
    let trait_ = trait_.as_ref().map(|(path, token)| quote!(#path #token));
    let where_clause = &generics.where_clause;
    let body = without_helpers(&outline.body);
    quote!(#(#attrs)* #unsafety #impl_token #generics #trait_ #self_ty #where_clause #body)
}

/// Everything that is generated for one manager.
pub(crate) struct Expansion<'a> {
    pub(crate) item: &'a ItemImpl,
    pub(crate) settings: &'a Settings,
    pub(crate) hooks: &'a [Hook<'a>],
}

impl ToTokens for Expansion<'_> {
    // Output:
    // impl ::usermgr::UserManager for Accounts { type Store = ..; fn engine_ref ..; fn settings ..; forwarders }
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let krate = &self.settings.krate;
        let private = krate.private();
        let cfgs = cfgs(&self.item.attrs);
        let self_ty = &self.item.self_ty;
        let (generics, _, where_clause) = self.item.generics.split_for_impl();
        // What is wrong with the whole implementation, such as being the second one, is reported at the type.
        let (first, last) = ends(self_ty);
        let impl_token = quote_spanned!(first=> impl);
        let (store, engine, settings) = (self.store(), self.engine(), self.settings());
        // Forwarders speak of the store's user; with a broken store they would repeat that one mistake.
        let broken = matches!(self.settings.store, Slot::Broken);
        let forwarders = self.hooks.iter().filter(|_| !broken).map(|hook| forwarder(hook, krate));
        let checks = self.settings.values.iter().filter_map(|(name, value)| self.constant(name, value));
        let mut body = Group::new(
            Delimiter::Brace,
            quote! {
                type Store = #store;
                #engine
                #settings
                #(#forwarders)*
            },
        );
        body.set_span(last);
        let body = TokenTree::Group(body);
        tokens.extend(quote! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(clippy::unit_arg, clippy::used_underscore_binding, deprecated, unused_qualifications)]
            #[#private::async_trait]
            #impl_token #generics #krate::UserManager for #self_ty #where_clause #body
            #(#checks)*
        });
    }
}

impl Expansion<'_> {
    fn store(&self) -> TokenStream {
        let private = self.settings.krate.private();
        match &self.settings.store {
            Slot::Given(ty) => ty.to_token_stream(),
            Slot::Default | Slot::Broken => quote!(#private::DefaultStore),
        }
    }

    fn engine(&self) -> TokenStream {
        let krate = &self.settings.krate;
        let private = krate.private();
        let body = match (&self.settings.engine, &self.settings.store) {
            (Slot::Broken, _) | (_, Slot::Broken) => quote!(::core::unreachable!()),
            (Slot::Given(expr), _) => {
                let reference = borrowed(expr);
                quote!(#private::EngineOf::<Self::Store>::engine(#reference))
            }
            (Slot::Default, _) => {
                // The type is to blame when it has no such field, or one of another store.
                let span = ends(&self.item.self_ty).0;
                let reference = quote_spanned!(span=> &self.engine);
                quote!(#private::EngineOf::<Self::Store>::engine(#reference))
            }
        };
        quote! {
            fn engine_ref(&self) -> &#krate::Engine<Self::Store> { #body }
        }
    }

    // Output: ::usermgr::Settings::new().reset_secret(::usermgr::__private::AsSecret::to_secret(&("..")))
    fn settings(&self) -> TokenStream {
        let krate = &self.settings.krate;
        let private = krate.private();
        let calls = self.settings.values.iter().map(|(name, value)| {
            let method = format_ident!("{name}");
            let (witness, convert) = value.kind.witness();
            let reference = borrowed(&value.expr);
            quote!(.#method(#private::#witness::#convert(#reference)))
        });
        quote! {
            fn settings(&self) -> #krate::Settings { #krate::Settings::new() #(#calls)* }
        }
    }

    // Output: const _: () = ::usermgr::__private::check::secret("reset_secret", SECRET);
    fn constant(&self, name: &str, value: &Value) -> Option<TokenStream> {
        let Value { kind, expr, known } = value;
        let judged = match (kind, known) {
            (_, Known::Literal | Known::Running) => return None,
            // A constant cannot name a parameter of the block.
            (_, Known::Constant) if self.is_parameter(expr) => return None,
            (ValueKind::Lifetime, Known::Constant) => seconds(expr),
            _ => expr.to_token_stream(),
        };
        let private = self.settings.krate.private();
        let function = format_ident!("{}", kind.check());
        // The call stands where the expression does, so that a failure underlines the expression.
        let (first, last) = ends(expr);
        let function = respanned(quote!(#private::check::#function), first);
        let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#name, #judged));
        arguments.set_span(last);
        let arguments = TokenTree::Group(arguments);
        let cfgs = cfgs(&self.item.attrs);
        Some(quote! {
            #(#cfgs)*
            #[allow(unused_qualifications)]
            const _: () = #function #arguments;
        })
    }

    fn is_parameter(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = peel(expr) else { return false };
        path.path.segments.first().is_some_and(|first| {
            self.item.generics.params.iter().any(|param| match param {
                GenericParam::Type(param) => param.ident == first.ident,
                GenericParam::Const(param) => param.ident == first.ident,
                GenericParam::Lifetime(_) => false,
            })
        })
    }
}

// A constant lifetime may be a number or a `Duration`, and no trait can tell them apart in a constant.
// Output: { struct __Lifetime<T>(T); impl __Lifetime<u64> { .. } impl __Lifetime<Duration> { .. } __Lifetime(HOUR).seconds() }
fn seconds(expr: &Expr) -> TokenStream {
    quote! {{
        struct __Lifetime<T>(T);
        #[allow(dead_code)]
        impl __Lifetime<::core::primitive::u64> {
            const fn seconds(&self) -> ::core::primitive::u64 { self.0 }
        }
        #[allow(dead_code)]
        impl __Lifetime<::core::time::Duration> {
            const fn seconds(&self) -> ::core::primitive::u64 { self.0.as_secs() }
        }
        __Lifetime(#expr).seconds()
    }}
}

// Output:
// async fn on_after_register(&self, user: &::usermgr::UserOf<Self::Store>, _cx: &::usermgr::Context) -> .. {
//     <() as AfterOutcome>::into_outcome(Self::on_after_register(self, <&User as HookArg<&..>>::from_hook(user)).await)
// }
fn forwarder(hook: &Hook<'_>, krate: &CratePath) -> TokenStream {
    let Hook { spec, ident, attributes, asyncness, args, output } = hook;
    let private = krate.private();
    // A forwarder without its hook would call itself for ever.
    let cfgs = cfgs(attributes);
    let method = format_ident!("{}", spec.name);
    let params = spec.all_params().enumerate().map(|(at, param)| {
        let prefix = if at < args.len() { "" } else { "_" };
        (format_ident!("{prefix}{}", param.name), param.wanted(krate))
    });
    let (names, wanted): (Vec<Ident>, Vec<TokenStream>) = params.unzip();
    // The written types stand in the paths, so that the compiler underlines the whole of a wrong one.
    let passed = args
        .iter()
        .zip(&names)
        .zip(&wanted)
        .map(|((ty, name), wanted)| quote!(<#ty as #private::HookArg<#wanted>>::from_hook(#name)));
    let (outcome, error) = (spec.outcome.witness(), spec.outcome.error_type());
    let output = output.map_or_else(|| quote!(()), Type::to_token_stream);
    quote! {
        #(#cfgs)*
        #asyncness fn #method(&self, #(#names: #wanted),*) -> ::core::result::Result<(), #krate::#error> {
            <#output as #private::#outcome>::into_outcome(Self::#ident(self, #(#passed),*).await)
        }
    }
}

/// `&(expression)`, placed as a whole where the expression is.
fn borrowed(expr: &Expr) -> TokenStream {
    let (first, last) = ends(expr);
    let and = quote_spanned!(first=> &);
    if matches!(
        expr,
        Expr::Path(_) | Expr::Lit(_) | Expr::Field(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_)
    ) {
        return quote!(#and #expr);
    }
    let mut group = Group::new(Delimiter::Parenthesis, expr.to_token_stream());
    group.set_span(last);
    quote!(#and #group)
}

// `Span::join` is not stable, so whatever is to be underlined as a whole needs both its ends.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut tree: TokenTree| {
        tree.set_span(span);
        tree
    };
    tokens.into_iter().map(respan).collect()
}
