//! The output: the user's block as written, then the trait implementation.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{AttrStyle, Expr, GenericParam, Generics, Ident, ItemImpl, Lifetime, Type, TypeParam, WhereClause};

use crate::consts::{Consts, converted};
use crate::item::{Outline, cfgs, printed};
use crate::settings::{Settings, Slot};
use crate::signature::Hook;
use crate::tokens::{borrowed, ends, grouped, respanned};

/// The user's block, without the parts that no compiler accepts.
///
/// Hooks must be `async` even if they do not await anything, so the clippy lint is allowed.
pub(crate) fn user_impl(outline: &Outline) -> TokenStream {
    let ItemImpl { attrs, modifiers: _, unsafety, impl_token, generics, trait_, self_ty, brace_token: _, items: _ } =
        &outline.item;
    let trait_ = trait_.as_ref().map(|(path, token)| quote!(#path #token));
    let (visibility, where_clause) = (&outline.visibility, &generics.where_clause);
    let body = printed(&outline.body);
    // The inner ones are in the body.
    let attrs = attrs.iter().filter(|attribute| matches!(attribute.style, AttrStyle::Outer));
    quote!(#[allow(clippy::unused_async)] #(#attrs)* #visibility #unsafety #impl_token #generics #trait_ #self_ty #where_clause #body)
}

/// Everything that is generated for one manager.
pub(crate) struct Expansion<'a> {
    pub(crate) outline: &'a Outline,
    pub(crate) settings: &'a Settings,
    pub(crate) hooks: &'a [Hook<'a>],
}

impl ToTokens for Expansion<'_> {
    // Output: const _: () = { use ::usermgr::__private as __um; .. impl __um::UserManager for Accounts { .. } .. };
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Expansion { outline, settings, hooks } = self;
        let ItemImpl { attrs, impl_token, generics, self_ty, .. } = &outline.item;
        let krate = &settings.krate;
        let cfgs = cfgs(attrs).map(|attribute| &attribute.meta);
        let (generics, _, _) = generics.split_for_impl();
        let where_clause = self.where_clause();
        let (store, engine, getter) = (self.store(), self.engine(), self.settings());
        // Forwarders name the store's user; with a broken store they would repeat that one mistake.
        let broken = matches!(settings.store, Slot::Broken);
        let forwarders = hooks.iter().filter(|_| !broken).map(forwarder);
        let consts = Consts { item: &outline.item, values: &settings.values };
        let unread = outline.sound.map(|_| unread(impl_token.span));
        let mut body = quote!(#store #engine #getter);
        body.extend((!broken).then(permissions));
        body.extend(forwarders);
        // What is wrong with the whole implementation, such as being the second one, is reported at the header. It is the
        // written `impl`, so that what is wrong with a name in it is the same error in both blocks, and is reported once.
        let (first, last) = ends(self_ty);
        let trait_ = respanned(quote!(__um::UserManager for), first);
        let body = grouped(Delimiter::Brace, body, last);
        // A path that leads to no crate is reported where the path is written.
        let import = quote_spanned!(ends(krate).0=> use #krate::__private as __um;);
        let judgements = settings.pairs.iter().filter_map(|pair| consts.pair(pair));
        tokens.extend(quote! {
            #(#[#cfgs])*
            #[allow(deprecated, trivial_bounds, unused_imports, unused_qualifications)]
            const _: () = {
                #import

                #[automatically_derived]
                #impl_token #generics #trait_ #self_ty #where_clause #body
                #consts
                #(#judgements)*
                #unread
            };
        });
    }
}

impl Expansion<'_> {
    // Output: type Store = MemoryStore;
    fn store(&self) -> TokenStream {
        let store = match &self.settings.store {
            Slot::Given(ty) => ty.to_token_stream(),
            Slot::Default | Slot::Broken => quote!(__um::DefaultStore),
        };
        let (first, last) = ends(&store);
        let (start, end) = (quote_spanned!(first=> type Store =), quote_spanned!(last=> ;));
        quote!(#start #store #end)
    }

    /// The bounds of every manager. As conditions they fail once, at the type, and not at every hook; and a generic manager is
    /// a manager if they hold.
    ///
    /// The macro's come first, and the user's last, because the compiler suggests additions after the last.
    fn where_clause(&self) -> TokenStream {
        let Generics { params, where_clause, .. } = &self.outline.item.generics;
        let mut predicates = TokenStream::new();
        for param in params {
            let lifetime = match param {
                GenericParam::Lifetime(param) => &param.lifetime,
                GenericParam::Type(TypeParam { ident, .. }) if self.is_store(ident) => {
                    predicates.extend(quote!(#ident: __um::UserStore,));
                    continue;
                }
                _ => continue,
            };
            predicates.extend(quote!(#lifetime: 'static,));
        }
        // The compiler cannot carry the other condition into futures when there are lifetimes in the type.
        if !params.iter().any(|param| matches!(param, GenericParam::Lifetime(_))) {
            let first = ends(&self.outline.item.self_ty).0;
            predicates.extend(quote_spanned!(first=> Self: ::core::marker::Send + ::core::marker::Sync + 'static));
            predicates.extend(quote!(,));
        }
        match where_clause {
            Some(WhereClause { where_token, predicates: own }) => quote!(#where_token #predicates #own),
            None => quote!(where #predicates),
        }
    }

    /// Whether the store is this parameter of the block.
    fn is_store(&self, param: &Ident) -> bool {
        matches!(&self.settings.store, Slot::Given(Type::Path(ty)) if ty.path.is_ident(param))
    }

    fn engine(&self) -> TokenStream {
        // The error is at the type if it has no such field, or one of another store.
        let ty = ends(&self.outline.item.self_ty).0;
        let body = match (&self.settings.engine, &self.settings.store) {
            (Slot::Broken, _) | (_, Slot::Broken) => quote!(::core::unreachable!()),
            (Slot::Given(expr), _) => engine_of(ends(expr).0, borrowed(expr)),
            (Slot::Default, _) => engine_of(ty, quote_spanned!(ty=> &self.engine)),
        };
        let receiver = match &self.settings.engine {
            Slot::Default => quote_spanned!(ty=> self),
            Slot::Given(expr) => receiver([expr]),
            Slot::Broken => quote!(self),
        };
        quote! {
            fn engine_ref(&#receiver) -> &__um::Engine<Self::Store> { #body }
        }
    }

    // Output: __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&".."))
    fn settings(&self) -> TokenStream {
        let values = &self.settings.values;
        let receiver = receiver(values.iter().map(|(_, value)| &value.expr));
        let calls = values.iter().map(|(name, value)| {
            let method = format_ident!("{name}");
            let converted = converted(name, value);
            quote!(.#method(#converted))
        });
        quote! {
            fn settings(&#receiver) -> __um::Settings { __um::Settings::new() #(#calls)* }
        }
    }
}

/// What the manager permits its users, by name. Whether it permits anything is asked of the compiler: the first of two traits
/// counts, if the manager has it.
// Output: (&__um::Asked::of(self)).permissions()
fn permissions() -> TokenStream {
    quote! {
        fn permissions_by_name(&self) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
    }
}

/// The `self` of the user's code belongs to the place where it is written, which may be in a `macro_rules!` at another place.
fn receiver<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> TokenStream {
    fn find(tokens: TokenStream) -> Option<Ident> {
        tokens.into_iter().find_map(|tree| match tree {
            TokenTree::Ident(ident) if ident == "self" => Some(ident),
            TokenTree::Group(group) => find(group.stream()),
            _ => None,
        })
    }
    let written = exprs.into_iter().find_map(|expr| find(expr.to_token_stream()));
    written.map_or_else(
        || quote!(self),
        |ident| Ident::new("self", Span::call_site().resolved_at(ident.span())).into_token_stream(),
    )
}

/// The compiler has reported what is wrong with the block. If it did not, the hooks that were not read would silently never be called:
/// this code is an error as soon as nothing else is wrong.
// Output: const _: fn() = || { __um::unread(); };
fn unread(blamed: Span) -> TokenStream {
    let call = respanned(quote!(__um::unread()), blamed);
    quote!(#[deny(unused_must_use)] const _: fn() = || { #call; };)
}

// Output:
// fn on_after_register<'__a>(
//     &'__a self, user: &'__a __um::UserOf<MemoryStore>, _cx: &'__a __um::Context,
// ) -> __um::HookFuture<'__a, __um::HookError> {
//     let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
//     let future = Self::on_after_register(self, user);
//     <() as __um::AfterOutcome>::boxed(future)
// }
fn forwarder(hook: &Hook<'_>) -> TokenStream {
    let Hook { spec, ident, attributes, asyncness, args, output, unless } = hook;
    // A forwarder without its hook would call itself indefinitely.
    let cfgs = cfgs(attributes);
    // It has the place of the hook, so that an editor shows its documentation there.
    let head = respanned(format_ident!("{}", spec.name).into_token_stream(), ident.span());
    let head = [respanned(quote!(fn), ident.span()), head];
    let lifetime = Lifetime::new("'__a", Span::call_site());
    let own = quote!(Self::Store);
    let params = spec.all_params().enumerate().map(|(at, param)| {
        let prefix = if at < args.len() { "" } else { "_" };
        let (name, ty) = (format_ident!("{prefix}{}", param.name), param.wanted(Some(&lifetime), &own));
        quote!(#name: #ty)
    });
    // The written types are in the paths, so that the compiler underlines the whole of a wrong one.
    let arguments = args.iter().zip(spec.all_params()).map(|(ty, param)| {
        let (name, wanted) = (format_ident!("{}", param.name), param.wanted(None, &own));
        quote!(let #name = <#ty as __um::HookArg<#wanted, _>>::of(#name);)
    });
    let passed = args.iter().zip(spec.all_params()).map(|(_, param)| format_ident!("{}", param.name));
    let (witness, error) = (spec.outcome.witness(), spec.outcome.error());
    let made = spec.outcome.made(&own);
    let of = made.as_ref().map(|made| quote!(<#made>));
    let value = made.as_ref().map(|made| quote!(, ::core::option::Option<#made>));
    let output = output.map_or_else(|| quote!(()), Type::to_token_stream);
    // A future that cannot change threads is reported where it begins, at the `async` of the hook.
    let future = format_ident!("future", span = asyncness.span);
    let cfgs: Vec<_> = cfgs.collect();
    let conditions = quote!(#(#cfgs)* #(#[cfg(not(all(#unless)))])*);
    let noted = spec.noted().map(|name| {
        let name = format_ident!("{name}");
        quote!(#conditions fn #name(&self) -> bool { true })
    });
    quote! {
        #conditions
        #(#head)*<#lifetime>(&#lifetime self, #(#params),*) -> __um::HookFuture<#lifetime, __um::#error #value> {
            #(#arguments)*
            let #future = Self::#ident(self, #(#passed),*);
            <#output as __um::#witness #of>::boxed(#future)
        }
        #noted
    }
}

// Output: __um::EngineOf::<Self::Store, _>::engine(&self.engine)
fn engine_of(blamed: Span, reference: TokenStream) -> TokenStream {
    let call = respanned(quote!(__um::EngineOf::<Self::Store, _>::engine), blamed);
    quote!(#call(#reference))
}
