//! The output: the user's block as written, then the trait implementation and the constants that judge settings.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, GenericParam, ItemImpl, Lifetime, Type, WherePredicate, parse_quote};

use crate::item::{Outline, cfgs, printed};
use crate::settings::{Pair, Settings, Slot};
use crate::signature::Hook;
use crate::value::{Known, Value, ValueKind, peel};

/// The user's block; only what no compiler takes is missing.
///
/// Hooks must be `async` whether they wait for anything or not, so clippy is told not to mind.
pub(crate) fn user_impl(outline: &Outline) -> TokenStream {
    let ItemImpl { attrs, modifiers: _, unsafety, impl_token, generics, trait_, self_ty, brace_token: _, items: _ } =
        &outline.item;
    let trait_ = trait_.as_ref().map(|(path, token)| quote!(#path #token));
    let where_clause = &generics.where_clause;
    let body = printed(&outline.body);
    quote!(#[allow(clippy::unused_async)] #(#attrs)* #unsafety #impl_token #generics #trait_ #self_ty #where_clause #body)
}

/// Everything that is generated for one manager.
pub(crate) struct Expansion<'a> {
    pub(crate) item: &'a ItemImpl,
    pub(crate) settings: &'a Settings,
    pub(crate) hooks: &'a [Hook<'a>],
}

impl ToTokens for Expansion<'_> {
    // Output: const _: () = { use ::usermgr::__private as __um; .. impl __um::UserManager for Accounts { .. } .. };
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Expansion { item, settings, hooks } = self;
        let krate = &settings.krate;
        let cfgs = cfgs(&item.attrs);
        let self_ty = &item.self_ty;
        let mut generics = item.generics.clone();
        generics.make_where_clause().predicates.extend(self.conditions());
        let (generics, _, where_clause) = generics.split_for_impl();
        let (store, engine, getter) = (self.store(), self.engine(), self.settings());
        // Forwarders speak of the store's user; with a broken store they would repeat that one mistake.
        let broken = matches!(settings.store, Slot::Broken);
        let forwarders = hooks.iter().filter(|_| !broken).map(|hook| forwarder(hook, &store));
        let constants = settings.values.iter().filter_map(|(name, value)| self.constant(name, value));
        let pairs = settings.pairs.iter().filter_map(|pair| self.pair(pair));
        // What is wrong with the whole implementation, such as being the second one, is reported at the type.
        let (first, last) = ends(self_ty);
        let impl_token = quote_spanned!(first=> impl);
        let mut body = quote!(type Store = #store; #engine #getter);
        body.extend(forwarders);
        let body = grouped(Delimiter::Brace, body, last);
        // A path to no crate is reported where the path is written.
        let import = quote_spanned!(ends(krate).0=> use #krate::__private as __um;);
        tokens.extend(quote! {
            #(#cfgs)*
            #[allow(dead_code, deprecated, trivial_bounds, unused_imports, unused_qualifications)]
            const _: () = {
                #import

                #[automatically_derived]
                #impl_token #generics __um::UserManager for #self_ty #where_clause #body
                #(#constants)*
                #(#pairs)*
            };
        });
    }
}

impl Expansion<'_> {
    fn store(&self) -> TokenStream {
        match &self.settings.store {
            Slot::Given(ty) => ty.to_token_stream(),
            Slot::Default | Slot::Broken => quote!(__um::DefaultStore),
        }
    }

    /// What every manager must be. As a condition it fails once, at the type, and not at every hook; and a generic manager
    /// is one wherever it holds.
    fn conditions(&self) -> Vec<WherePredicate> {
        let mut lifetimes = self.item.generics.lifetimes().map(|param| &param.lifetime).peekable();
        if lifetimes.peek().is_some() {
            // The compiler cannot carry the other condition into futures when there are lifetimes in the type.
            return lifetimes.map(|lifetime| parse_quote!(#lifetime: 'static)).collect();
        }
        let first = ends(&self.item.self_ty).0;
        let shareable = quote_spanned!(first=> Self: ::core::marker::Send + ::core::marker::Sync + 'static);
        vec![parse_quote!(#shareable)]
    }

    fn engine(&self) -> TokenStream {
        let store = self.store();
        // The type is to blame when it has no such field, or one of another store.
        let ty = ends(&self.item.self_ty).0;
        let body = match (&self.settings.engine, &self.settings.store) {
            (Slot::Broken, _) | (_, Slot::Broken) => quote!(::core::unreachable!()),
            (Slot::Given(expr), _) => engine_of(&store, ends(expr).0, borrowed(expr)),
            (Slot::Default, _) => engine_of(&store, ty, quote_spanned!(ty=> &self.engine)),
        };
        // What the user writes is at the call site; what the type stands for has the hygiene of the type.
        let receiver = match self.settings.engine {
            Slot::Default => quote_spanned!(ty=> self),
            Slot::Given(_) | Slot::Broken => quote!(self),
        };
        quote! {
            fn engine_ref(&#receiver) -> &__um::Engine<#store> { #body }
        }
    }

    // Output: __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&".."))
    fn settings(&self) -> TokenStream {
        let calls = self.settings.values.iter().map(|(name, value)| {
            let method = format_ident!("{name}");
            let (witness, convert) = value.kind.witness();
            let reference = borrowed(&value.expr);
            let convert = respanned(quote!(__um::#witness::#convert), ends(&value.expr).0);
            quote!(.#method(#convert(#reference)))
        });
        quote! {
            fn settings(&self) -> __um::Settings { __um::Settings::new() #(#calls)* }
        }
    }

    // Output: const _: () = __um::check::secret("reset_secret", __um::check::Given(SECRET).text());
    fn constant(&self, name: &str, value: &Value) -> Option<TokenStream> {
        let Value { kind, expr, known } = value;
        match known {
            Known::Literal | Known::Running => return None,
            Known::Constant | Known::Arithmetic => {}
        }
        let constant = self.constant_of(expr)?;
        let judged = match (kind, known) {
            (ValueKind::Lifetime, Known::Arithmetic) => constant,
            (ValueKind::Lifetime, _) => quote!(__um::check::Given(#constant).seconds()),
            (ValueKind::Secret | ValueKind::Audience, _) => quote!(__um::check::Given(#constant).text()),
        };
        Some(judgement(expr, kind.check(), quote!(#name, #judged)))
    }

    // Output: const _: () = __um::check::distinct(Given(VERIFY).text(), Given(RESET).text(), "..");
    fn pair(&self, Pair { blamed, other, message }: &Pair) -> Option<TokenStream> {
        let (left, right) = (self.constant_of(blamed)?, self.constant_of(other)?);
        let given = quote!(__um::check::Given);
        Some(judgement(blamed, "distinct", quote!(#given(#left).text(), #given(#right).text(), #message)))
    }

    /// The expression as a constant beside the block can say it; none if it needs a parameter of the block.
    // Input:  Self::SECRET
    // Output: <Accounts>::SECRET
    fn constant_of(&self, expr: &Expr) -> Option<TokenStream> {
        let params = &self.item.generics.params;
        let Expr::Path(path) = peel(expr) else { return Some(expr.to_token_stream()) };
        let Some(first) = path.path.segments.first() else { return Some(expr.to_token_stream()) };
        if first.ident == "Self" {
            let span = first.ident.span();
            let ty = located(self.item.self_ty.to_token_stream(), span);
            let rest = path.path.to_token_stream().into_iter().skip(1);
            let (open, close) = (quote_spanned!(span=> <), quote_spanned!(span=> >));
            return params.is_empty().then(|| open.into_iter().chain(ty).chain(close).chain(rest).collect());
        }
        let is_parameter = params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == first.ident,
            GenericParam::Const(param) => param.ident == first.ident,
            GenericParam::Lifetime(_) => false,
        });
        (!is_parameter).then(|| expr.to_token_stream())
    }
}

/// A constant whose evaluation judges a setting, placed where the expression is, so that a failure underlines that.
fn judgement(expr: &Expr, check: &str, arguments: TokenStream) -> TokenStream {
    let (first, last) = ends(expr);
    let function = format_ident!("{check}");
    let function = respanned(quote!(__um::check::#function), first);
    let arguments = grouped(Delimiter::Parenthesis, arguments, last);
    quote!(const _: () = #function #arguments;)
}

// Output:
// fn on_after_register<'__a>(
//     &'__a self, user: &'__a __um::UserOf<MemoryStore>, _cx: &'__a __um::Context,
// ) -> __um::HookFuture<'__a, __um::HookError> {
//     let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
//     let future = Self::on_after_register(self, user);
//     <() as __um::AfterOutcome>::boxed(future)
// }
fn forwarder(hook: &Hook<'_>, store: &TokenStream) -> TokenStream {
    let Hook { spec, ident, attributes, asyncness, args, output } = hook;
    // A forwarder without its hook would call itself for ever.
    let cfgs = cfgs(attributes);
    let method = format_ident!("{}", spec.name);
    let lifetime = Lifetime::new("'__a", Span::call_site());
    let params = spec.all_params().enumerate().map(|(at, param)| {
        let prefix = if at < args.len() { "" } else { "_" };
        let (name, ty) = (format_ident!("{prefix}{}", param.name), param.wanted(Some(&lifetime), store));
        quote!(#name: #ty)
    });
    // The written types stand in the paths, so that the compiler underlines the whole of a wrong one.
    let own = quote!(Self::Store);
    let arguments = args.iter().zip(spec.all_params()).map(|(ty, param)| {
        let (name, wanted) = (format_ident!("{}", param.name), param.wanted(None, &own));
        quote!(let #name = <#ty as __um::HookArg<#wanted>>::of(#name);)
    });
    let passed = args.iter().zip(spec.all_params()).map(|(_, param)| format_ident!("{}", param.name));
    let (witness, error) = (spec.outcome.witness(), spec.outcome.error());
    let output = output.map_or_else(|| quote!(()), Type::to_token_stream);
    // A future that cannot change threads is reported where it begins, at the `async` of the hook.
    let future = format_ident!("future", span = asyncness.span);
    quote! {
        #(#cfgs)*
        fn #method<#lifetime>(&#lifetime self, #(#params),*) -> __um::HookFuture<#lifetime, __um::#error> {
            #(#arguments)*
            let #future = Self::#ident(self, #(#passed),*);
            <#output as __um::#witness>::boxed(#future)
        }
    }
}

// Output: __um::EngineOf::<MemoryStore>::engine(&self.engine)
fn engine_of(store: &TokenStream, blamed: Span, reference: TokenStream) -> TokenStream {
    let trait_ = respanned(quote!(__um::EngineOf), blamed);
    let method = respanned(quote!(engine), blamed);
    quote!(#trait_::<#store>::#method(#reference))
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
    let group = grouped(Delimiter::Parenthesis, expr.to_token_stream(), last);
    quote!(#and #group)
}

// `Span::join` is not stable, so whatever is to be underlined as a whole needs both its ends.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

fn grouped(delimiter: Delimiter, content: TokenStream, span: Span) -> TokenTree {
    let mut group = Group::new(delimiter, content);
    group.set_span(span);
    TokenTree::Group(group)
}

/// The tokens at another place, with the names that they had at their own.
fn located(tokens: TokenStream, span: Span) -> TokenStream {
    let place = |mut tree: TokenTree| {
        tree.set_span(tree.span().located_at(span));
        tree
    };
    tokens.into_iter().map(place).collect()
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut tree: TokenTree| {
        tree.set_span(span);
        tree
    };
    tokens.into_iter().map(respan).collect()
}
