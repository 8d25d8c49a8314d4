//! An editor asks for the expansion of half-typed items. Whatever comes in, the macro answers, and keeps the item.

use std::ops::Range;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::flat;

fn attribute() -> TokenStream {
    quote!(reset_secret = self.config.secret, verify_audience = "shop:verify", store = Memory<Customer, u64>, reset_lifetime = 60 * 60)
}

fn item() -> TokenStream {
    quote! {
        /// The accounts of the shop.
        #[cfg(feature = "shop")]
        impl<S: UserStore<Profile = Customer>, const N: usize> Accounts<S, N> where S::Id: Copy {
            const LIMIT: usize = { N + 1 };
            async fn on_after_register(&self, user: &User<Customer, S::Id>, cx: &Context) -> Result<(), HookError> {
                self.request_verify(user, cx).await?;
                Ok(())
            }
            #[cfg(unix)]
            pub(crate) async fn on_before_delete(&self, _: &User) -> Result<(), Rejection> { Err(Rejection::new("no")) }
            fn helper(&self, buffer: &Buffer<{ N }>) -> impl Iterator<Item = u8> + '_ { buffer.iter().map(|x| x + 1) }
        }
    }
}

fn profile() -> TokenStream {
    quote! {
        #[serde(rename_all = "camelCase")]
        pub struct Customer {
            #[serde(rename = "name", default)] pub full_name: Option<String>,
            #[profile(server)] credits: Vec<u32>,
            #[serde(with = "hex")] key: [u8; 4],
        }
    }
}

fn permissions() -> TokenStream {
    quote! {
        #[permission(crate = ::um)]
        pub(crate) enum Can {
            /// Reads.
            #[permission("orders:read")] OrdersRead,
            Refund = 5,
        }
    }
}

fn roles() -> TokenStream {
    quote! {
        #[roles(crate::Can, crate = ::um)]
        enum Role { #[role(name = "sales", OrdersRead, Refund)] Clerk, #[role(all)] Owner, #[role()] Guest }
    }
}

/// The first `count` tokens, with every group closed; an opening delimiter counts as one.
fn prefix(tokens: TokenStream, count: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    for tree in tokens {
        if *count == 0 {
            break;
        }
        *count -= 1;
        kept.push(match tree {
            TokenTree::Group(group) => Group::new(group.delimiter(), prefix(group.stream(), count)).into(),
            other => other,
        });
    }
    kept.into_iter().collect()
}

/// The tokens without the `at`th, which may be a single one or a whole group.
fn without(tokens: TokenStream, at: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    for tree in tokens {
        let this = *at == 0;
        *at = at.wrapping_sub(1);
        match tree {
            _ if this => {}
            TokenTree::Group(group) => kept.push(Group::new(group.delimiter(), without(group.stream(), at)).into()),
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn size(tokens: TokenStream) -> usize {
    tokens.into_iter().map(|tree| 1 + if let TokenTree::Group(group) = tree { size(group.stream()) } else { 0 }).sum()
}

#[track_caller]
fn check(attribute: TokenStream, item: TokenStream) {
    let output = flat(crate::manager::expand(attribute.clone(), item.clone()));
    let written = flat(item.clone());
    let kept = written.is_empty() || output.windows(written.len()).any(|window| window == written);
    assert!(kept, "tokens were lost\nattribute: {attribute}\nitem: {item}");
    let answered = output.iter().any(|token| token == "compile_error" || token == "UserManager");
    assert!(answered, "nothing was said\nattribute: {attribute}\nitem: {item}");
}

/// A sequence of numbers that is the same in every run.
fn numbers() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(7_u64), |last| Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1)))
        .filter_map(|number| usize::try_from(number >> 33).ok())
}

#[test]
fn every_prefix_of_the_item_is_kept() {
    for count in 0..=size(item()) {
        check(attribute(), prefix(item(), &mut { count }));
    }
}

#[test]
fn every_prefix_of_the_attribute_is_survived() {
    for count in 0..=size(attribute()) {
        check(prefix(attribute(), &mut { count }), item());
    }
}

#[test]
fn random_deletions_are_survived() {
    let mut numbers = numbers();
    let mut next = |below: usize| numbers.next().map_or(0, |number| number % below.max(1));
    for _ in 0..2_000 {
        let (mut attribute, mut item) = (attribute(), item());
        for _ in 0..=next(6) {
            item = without(item.clone(), &mut next(size(item)));
            attribute = without(attribute.clone(), &mut next(2 * size(attribute)));
        }
        check(attribute, item);
    }
}

#[test]
fn half_a_body_costs_nothing() {
    let output =
        crate::manager::expand(attribute(), quote!(impl A { async fn on_after_verify(&self, user: &User) { user. } }));
    assert_eq!(super::errors(output.clone()), [""; 0]);
    assert!(output.to_string().contains("UserManager for A"));
}

#[test]
fn half_a_hook_costs_those_behind_it_and_nothing_else() {
    let output = crate::manager::expand(
        attribute(),
        quote!(impl A {
            async fn on_after_verify(&self, user: &User) {}
            async fn on_after_re
            #[helper] fn on_sale(&self) {}
            async fn on_after_login(&self, user: &User, login: &mut Login) {}
            async fn on_after_delte(&self, user: &User) {}
        }),
    );
    let errors = super::errors(output.clone());
    assert!(matches!(&errors[..], [error] if error.starts_with("no hook is named `on_after_delte`")), "{errors:?}");
    let text = output.to_string();
    assert!(text.contains("UserManager for A"), "{text}");
    let forwards = |hook: &str| text.contains(&format!("fn {hook} < '__a >"));
    assert!(forwards("on_after_verify") && !forwards("on_after_login"), "{text}");
    assert!(text.contains("deny (unused_must_use)") && text.contains("__um :: unread ()"), "{text}");
}

/// Every user would compile what a finished manager contains of it.
#[test]
fn hints_are_of_unfinished_names_alone() {
    let hinted = |attribute: TokenStream, items: TokenStream| {
        let text = crate::manager::expand(attribute, quote!(impl A { #items })).to_string();
        let hints: Vec<String> = text
            .split("use self :: { ")
            .skip(1)
            .filter_map(|rest| rest.split(" }").next())
            .map(|names| names.replace(" as _", ""))
            .collect();
        assert_eq!(
            text.starts_with("# [allow (unexpected_cfgs)] const _ : () = { # [cfg (rust_analyzer)] mod"),
            !hints.is_empty(),
            "{text}"
        );
        assert_eq!(text.contains("pub fn verify_audience ()"), text.contains("mod settings"), "{text}");
        hints
    };
    let verify = quote!(
        async fn on_after_verify(&self, user: &User) {}
    );
    assert_eq!(hinted(attribute(), verify.clone()), [""; 0]);
    assert_eq!(hinted(attribute(), quote!(#verify async fn on_after_re)), ["on_after_re"]);
    assert_eq!(hinted(attribute(), quote!(#verify async fn on_after_re(&self) {} fn send(&self) {})), ["on_after_re"]);
    assert_eq!(hinted(quote!(secret = S, verify_ = 5, au), verify.clone()), ["verify_ , au"]);
    // A keyword is not a name, and would be a syntax error.
    assert_eq!(hinted(quote!(secret = S, type = 5), quote!(#verify async fn move)), [""; 0]);
}

#[test]
fn what_the_user_writes_in_a_method_is_printed_once_and_first() {
    let output = flat(crate::manager::expand(attribute(), item()));
    let written = flat(item());
    let start = output.windows(written.len()).position(|window| window == written);
    assert!(start.is_some_and(|start| !output[..start].iter().any(|token| token == "UserManager")));
    for once in ["LIMIT", "buffer", "request_verify", "helper"] {
        let printed = |tokens: &[String]| tokens.iter().filter(|token| *token == once).count();
        assert_eq!(printed(&output), printed(&written), "{once}");
    }
}

/// Every token as text with its place, groups opened.
fn placed(tokens: TokenStream, found: &mut Vec<(String, Range<usize>)>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                found.push((format!("{:?} opens", group.delimiter()), group.span_open().byte_range()));
                placed(group.stream(), found);
                found.push((format!("{:?} closes", group.delimiter()), group.span_close().byte_range()));
            }
            other => found.push((other.to_string(), other.span().byte_range())),
        }
    }
}

/// Go-to-definition, rename and completion ask for a place in the user's text, and take the first token that has it.
#[test]
fn what_the_user_writes_keeps_its_own_places() {
    let text = item().to_string();
    let read = |text: &str| text.parse::<TokenStream>().unwrap();
    let tokens = read(&text);
    let (mut written, mut output) = (Vec::new(), Vec::new());
    placed(tokens.clone(), &mut written);
    placed(crate::manager::expand(read(&attribute().to_string()), tokens), &mut output);
    assert!(written.iter().all(|(_, place)| !place.is_empty()), "places are reported");
    let start = output.windows(written.len()).position(|window| window == written).expect("the item, place for place");
    let before = &output[..start];
    assert!(
        before.iter().all(|(_, place)| !written.iter().any(|(_, own)| own == place)),
        "something takes its place first"
    );
    // Inside of the methods a place occurs once in the whole output.
    for once in ["request_verify", "helper", "buffer", "LIMIT"] {
        for token in written.iter().filter(|(token, _)| token == once) {
            assert_eq!(output.iter().filter(|other| *other == token).count(), 1, "{token:?}");
        }
    }
}

#[test]
fn broken_items_of_derives_are_survived() {
    type Derive = (fn() -> TokenStream, fn(TokenStream) -> TokenStream);
    let derives: [Derive; 3] = [
        (profile, crate::profile::expand),
        (permissions, crate::permissions::permission),
        (roles, crate::permissions::roles),
    ];
    let mut numbers = numbers();
    let mut next = |below: usize| numbers.next().map_or(0, |number| number % below.max(1));
    for (item, expand) in derives {
        for count in 0..=size(item()) {
            expand(prefix(item(), &mut { count }));
        }
        for _ in 0..1_000 {
            let mut item = item();
            for _ in 0..=next(4) {
                item = without(item.clone(), &mut next(size(item)));
            }
            expand(item);
        }
    }
}
