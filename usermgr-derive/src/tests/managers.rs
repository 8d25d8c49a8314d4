//! Where the attribute of a manager is placed, and what it says about a whole block; helpers for the other tests of it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::manager::expand;

/// Whether the output of a manager with this attribute and these items says exactly this.
#[track_caller]
pub(super) fn says(attribute: TokenStream, items: TokenStream, expected: &[&str]) {
    let output = expand(attribute, quote!(impl Accounts { #items }));
    assert!(output.to_string().contains("__um :: UserManager for Accounts"), "the implementation is missing");
    assert_eq!(first_lines(output), expected);
}

pub(super) fn first_lines(output: TokenStream) -> Vec<String> {
    super::errors(output).iter().map(|text| text.lines().next().unwrap_or_default().to_owned()).collect()
}

pub(super) fn secret() -> TokenStream {
    quote!(reset_secret = "0123456789abcdef0123456789abcdef")
}

#[track_caller]
pub(super) fn attribute(attribute: TokenStream, expected: &[&str]) {
    says(attribute, TokenStream::new(), expected);
}

#[track_caller]
pub(super) fn setting(setting: TokenStream, expected: &[&str]) {
    let secret = secret();
    attribute(quote!(#secret, #setting), expected);
}

#[track_caller]
pub(super) fn item(items: TokenStream, expected: &[&str]) {
    says(secret(), items, expected);
}

#[track_caller]
pub(super) fn placed(item: TokenStream, expected: &[&str]) {
    assert_eq!(first_lines(expand(secret(), item)), expected);
}

#[test]
fn placement() {
    placed(
        quote!(
            pub struct A;
        ),
        &["`#[user_manager]` must be placed on an `impl` block, found `struct`"],
    );
    placed(
        quote!(
            async fn a() {}
        ),
        &["`#[user_manager]` must be placed on an `impl` block, found `fn`"],
    );
    placed(
        quote!(impl UserManager for A {}),
        &["`#[user_manager]` expects an inherent `impl`, found an implementation of `UserManager`"],
    );
    placed(
        quote!(impl Clone for A {}),
        &["`#[user_manager]` expects an inherent `impl`, found an implementation of `Clone`"],
    );
    // The compiler reports it itself, before the macro is called.
    placed(quote!(unsafe impl A {}), &[]);
    placed(quote!(impl &A {}), &["expected the manager type to be a path, found a reference"]);
    placed(
        quote!(
            impl (A, B) {}
        ),
        &["expected the manager type to be a path, found a tuple"],
    );
    placed(quote!(impl dyn A {}), &["expected the manager type to be a path, found a trait object"]);
    placed(
        quote!(
            #[usermgr::user_manager]
            impl A {}
        ),
        &["duplicate `#[user_manager]` on one `impl` block"],
    );
    placed(
        quote!(
            #[async_trait]
            impl A {}
        ),
        &["`#[async_trait]` is not needed here"],
    );
    placed(
        quote!(
            #[cfg_attr(x, cfg(y))]
            impl A {}
        ),
        &["`#[cfg]` inside `cfg_attr` is not supported in a user manager"],
    );
}

#[test]
fn a_block_that_is_generic_over_the_store_names_it() {
    let missing = "setting `store` is missing in a block that is generic over the store `S`";
    placed(
        quote!(
            impl<T, S: usermgr::UserStore<Id = T>> A<S> {}
        ),
        &[missing],
    );
    placed(
        quote!(
            impl<S> A<S> where S: UserStore {}
        ),
        &[missing],
    );
    placed(
        quote!(
            impl<S: Send + usermgr::store::SessionStore> A<S> {}
        ),
        &[missing],
    );
    placed(
        quote!(
            impl<S: Send> A<S> {}
        ),
        &[],
    );
    let secret = secret();
    let output = expand(
        quote!(store = S, #secret),
        quote!(
            impl<S> A<S> where S: Send {}
        ),
    );
    assert_eq!(first_lines(output.clone()), [""; 0]);
    assert!(output.to_string().contains("where S : __um :: UserStore , Self :"), "{output}");
}

#[test]
fn a_visibility_is_printed_for_the_compiler_to_refuse() {
    for visibility in [quote!(pub), quote!(pub(crate))] {
        let output = expand(secret(), quote!(#[cfg(unix)] #visibility impl A {}));
        assert_eq!(first_lines(output.clone()), [""; 0]);
        assert!(output.to_string().contains(&quote!(#visibility impl A).to_string()), "{output}");
        assert!(output.to_string().contains("__um :: UserManager for A"), "{output}");
    }
}

#[test]
fn a_trait_implementation_is_read_as_the_inherent_one() {
    let output = expand(secret(), quote!(impl UserManager for A { async fn on_after_verify(&self, user: &User) {} }));
    let output = output.to_string();
    assert!(output.contains("impl A { async fn on_after_verify"), "{output}");
    assert!(output.contains("impl __um :: UserManager for A where"), "{output}");
}

#[test]
fn eight_mistakes_are_eight_errors() {
    says(
        quote!(reset_secret = "short", colour = 1, verify_lifetime = -5),
        quote! {
            async fn on_after_regster(&self, user: &User) {}
            fn on_after_verify(&mut self, user: &User) {}
            async fn on_before_delete(&self, user: &User) {}
            async fn login(&self) {}
        },
        &[
            "`reset_secret` is 5 bytes long, but must be at least 32",
            "unknown setting `colour`",
            "`verify_lifetime` must be a positive number of seconds, found a negative one",
            "no hook is named `on_after_regster`",
            "hook `on_after_verify` must be async",
            "hook `on_after_verify` must take `&self`, found `&mut self`",
            "hook `on_before_delete` must return `Result<(), Rejection>`",
            "`login` is an operation of every manager and cannot be redefined",
        ],
    );
}
