//! The first line of every error about a hook, by mistake.

use quote::quote;

use super::managers::{item, secret};
use crate::manager::expand;

#[test]
fn hook_names() {
    for (name, hook) in [
        ("on_after_regster", "on_after_register"),
        ("onAfterRegister", "on_after_register"),
        ("on_register_after", "on_after_register"),
        ("after_register", "on_after_register"),
        ("before_login", "on_before_login"),
        ("validate_pasword", "validate_password"),
    ] {
        let ident = quote::format_ident!("{name}");
        let output = expand(secret(), quote!(impl A { async fn #ident(&self) {} }));
        let texts = super::errors(output);
        assert_eq!(texts.len(), 1, "{name}: {texts:?}");
        assert!(texts[0].starts_with(&format!("no hook is named `{name}`")), "{texts:?}");
        assert!(texts[0].contains(&format!("a hook with a similar name exists: `{hook}`")), "{texts:?}");
    }
    item(
        quote!(
            async fn on_after_teleport(&self) {}
        ),
        &["no hook is named `on_after_teleport`"],
    );
    item(
        quote!(
            #[helper]
            async fn on_after_teleport(&self) {}
        ),
        &[],
    );
    item(
        quote!(
            fn validate_record(&self) {}
            fn send(&self) {}
            const LIMIT: u8 = { 3 };
        ),
        &[],
    );
    item(
        quote!(
            fn register(&self) {}
        ),
        &["`register` is an operation of every manager and cannot be redefined"],
    );
    item(
        quote!(
            #[helper]
            fn register(&self) {}
        ),
        &[],
    );
    item(
        quote!(
            #[helper]
            async fn on_after_verify(&self, user: &User) {}
        ),
        &["`on_after_verify` is a hook and cannot be a helper"],
    );
    item(
        quote!(
            #[helper(please)]
            fn send(&self) {}
        ),
        &["`#[helper]` takes no arguments"],
    );
    item(
        quote!(
            #[cfg_attr(x, helper)]
            fn send(&self) {}
        ),
        &["`#[helper]` inside `cfg_attr` is not supported in a user manager"],
    );
    item(quote!(hooks! {}), &["macros cannot be used as items in a user manager `impl`"]);
}

#[test]
fn hook_signatures() {
    item(
        quote!(
            fn on_after_verify(&self, user: &User) {}
        ),
        &["hook `on_after_verify` must be async"],
    );
    item(
        quote!(
            async fn on_after_verify(user: &User) {}
        ),
        &["hook `on_after_verify` must take `&self`"],
    );
    item(
        quote!(
            async fn on_after_verify(&mut self, user: &User) {}
        ),
        &["hook `on_after_verify` must take `&self`, found `&mut self`"],
    );
    item(
        quote!(
            async fn on_after_verify(self, user: &User) {}
        ),
        &["hook `on_after_verify` must take `&self`, found `self`"],
    );
    item(
        quote!(
            async fn on_after_verify(self: Arc<Self>, user: &User) {}
        ),
        &["hook `on_after_verify` must take `&self`, found `self: Arc<Self>`"],
    );
    item(
        quote!(
            async fn on_after_verify(&self) {}
        ),
        &["hook `on_after_verify` must take `&User` after `&self`"],
    );
    item(
        quote!(
            async fn on_after_login(&self, user: &User) {}
        ),
        &["hook `on_after_login` must take `&User` and `&mut Login` after `&self`, found 1 parameter"],
    );
    item(
        quote!(
            async fn on_after_verify(&self, a: A, b: B, c: C) {}
        ),
        &["hook `on_after_verify` takes at most 2 parameters after `&self`, found 3"],
    );
    item(
        quote!(
            async fn on_after_verify(&self, user: &impl AsRef<User>) {}
        ),
        &["a hook parameter cannot be `impl Trait`"],
    );
    item(
        quote!(
            async fn on_after_verify<T>(&self, user: &User) {}
        ),
        &["hook `on_after_verify` must not be generic"],
    );
    item(
        quote!(
            async fn on_after_verify<'a>(&self, user: &'a User) {}
        ),
        &["hook `on_after_verify` must not declare lifetimes"],
    );
    item(
        quote!(
            async fn on_after_verify(&self, user: &User)
            where
                A: B,
            {
            }
        ),
        &["hook `on_after_verify` must not have a where clause"],
    );
    item(
        quote!(
            async unsafe fn on_after_verify(&self, user: &User) {}
        ),
        &["hook `on_after_verify` must not be unsafe"],
    );
    item(
        quote!(
            async extern "C" fn on_after_verify(&self, user: &User) {}
        ),
        &["hook `on_after_verify` must not be extern"],
    );
    item(
        quote!(
            async fn on_after_verify(&self, #[cfg(x)] user: &User) {}
        ),
        &["`#[cfg]` on a hook parameter is not supported"],
    );
    item(
        quote!(
            async fn on_after_verify(&self, user: &User) -> impl Sized {}
        ),
        &["hook `on_after_verify` must return `()` or `Result<(), HookError>`, found `impl Sized`"],
    );
    item(
        quote!(
            fn on_after_verify(&self, user: &User) -> impl Future<Output = ()> {}
        ),
        &["hook `on_after_verify` must be async"],
    );
    item(
        quote!(
            async fn on_before_login(&self, user: &User) {}
        ),
        &["hook `on_before_login` must return `Result<(), Rejection>`"],
    );
    item(
        quote!(
            async fn validate_password(&self, a: &Password, b: &PasswordSubject) -> () {}
        ),
        &["hook `validate_password` must return `Result<(), InvalidPassword>`"],
    );
}

#[test]
fn the_lifetimes_of_parameters() {
    let cannot = |lifetime: &str| format!("a hook parameter cannot live for `{lifetime}`");
    item(
        quote!(
            async fn on_after_verify(&self, user: &'static User) {}
        ),
        &[&cannot("'static")],
    );
    item(
        quote!(
            async fn on_before_commit(
                &self,
                change: &UserChange<'static>,
                tx: &mut Transaction<'static, Sqlite>,
            ) -> Result<(), HookError> {
            }
        ),
        &[&cannot("'static")],
    );
    item(
        quote!(
            async fn on_after_verify(&self, user: &'_ User) {}
        ),
        &[],
    );
    // The compiler says that nothing declares it; a forwarder would only repeat that.
    let output = expand(
        secret(),
        quote!(
            impl<'a> A<'a> {
                async fn on_after_verify(&self, user: &'b User) {}
            }
        ),
    );
    assert_eq!(super::errors(output.clone()), [""; 0]);
    assert!(!output.to_string().contains("HookFuture"));
    let output = expand(
        secret(),
        quote!(
            impl<'a> A<'a> {
                async fn on_after_verify(&self, user: &'a User) {}
            }
        ),
    );
    assert_eq!(super::managers::first_lines(output), [cannot("'a")]);
}

#[test]
fn of_hooks_with_one_name_only_one_is_forwarded_whatever_holds() {
    let text = |items| super::flat(expand(secret(), quote!(impl A { #items }))).join(" ");
    let hook = quote!(
        async fn on_after_verify(&self, user: &User) {}
    );
    let pair = text(quote!(#[cfg(unix)] #[cfg(x)] #hook #[cfg(y)] #hook));
    assert!(pair.contains("# [ cfg ( y ) ] # [ cfg ( not ( all ( unix , x ) ) ) ] fn on_after_verify"), "{pair}");
    let always = text(quote!(#hook #[cfg(y)] #hook));
    assert_eq!(always.matches("fn on_after_verify <").count(), 1, "{always}");
}
