//! The first line of every error about a setting, by mistake.

use quote::quote;

use super::managers::{attribute, setting};
use crate::manager::expand;

#[test]
fn settings_and_their_shape() {
    attribute(super::managers::secret(), &[]);
    attribute(quote!(secret = self.config.secret()), &[]);
    attribute(quote!(), &["missing setting `reset_secret`"]);
    attribute(quote!(verify_secret = self.v), &["missing setting `reset_secret`"]);
    for key in [quote!(secret_key), quote!(SECRET_FILE), quote!(app_secret_text)] {
        attribute(quote!(#key = "short"), &[&format!("unknown setting `{key}`")]);
    }
    attribute(quote!(reset_secrt = S), &["unknown setting `reset_secrt`"]);
    setting(quote!(colour = 1), &["unknown setting `colour`"]);
    setting(quote!(stor = Memory<A, B>), &["unknown setting `stor`"]);
    setting(quote!(r#secret = S), &["unknown setting `r#secret`"]);
    setting(quote!(reset_secret = T), &["setting `reset_secret` is given twice"]);
    attribute(quote!(reset_secret), &["setting `reset_secret` needs a value"]);
    attribute(quote!(reset_secret("x")), &["setting `reset_secret` takes `= value`, not a list"]);
    attribute(quote!(reset_secret =), &["expected a value after `reset_secret =`"]);
    attribute(quote!("abc"), &["expected `setting = value`, found a literal"]);
    attribute(quote!(reset_secret = S verify_lifetime = 5), &["expected `,`"]);
    attribute(quote!(reset_secret = self.), &["expected an expression after `reset_secret =`"]);
    setting(quote!(store =), &["expected a value after `store =`"]);
    setting(quote!(store = 5), &["expected a type after `store =`"]);
    setting(quote!(store = "Memory<A>"), &["expected a type after `store =`"]);
    attribute(quote!(reset_secret: S), &["expected `=` after `reset_secret`, found `:`"]);
    attribute(
        quote!(reset_secret => S, store == M),
        &["expected `=` after `reset_secret`, found `=>`", "expected `=` after `store`, found `==`"],
    );
}

#[test]
fn the_names_of_fastapi_users_are_known() {
    let secret = "0123456789abcdef0123456789abcdef";
    let output = expand(
        quote!(
            reset_password_token_secret = #secret,
            reset_password_token_lifetime_seconds = 3600,
            reset_password_token_audience = "a",
            verification_token_secret = "short",
            verification_token_lifetime_seconds = 3600,
            verification_token_audience = "b"
        ),
        quote!(impl A {}),
    );
    let texts = super::errors(output.clone());
    let ours =
        ["reset_secret", "reset_lifetime", "reset_audience", "verify_secret", "verify_lifetime", "verify_audience"];
    let named = |ours: &str| {
        texts.iter().any(|text| text.contains(&format!("write `{ours}`, the name of this setting in usermgr")))
    };
    assert!(ours.into_iter().all(named), "{texts:?}");
    // They are read as what they mean, and nothing is missing.
    assert_eq!(texts.len(), ours.len() + 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("`verify_secret` is 5 bytes long")), "{texts:?}");
    assert!(output.to_string().contains("reset_audience (__um :: AsAudience :: to_audience"));
}

#[test]
fn secrets() {
    attribute(quote!(reset_secret = ""), &["`reset_secret` must not be empty"]);
    attribute(quote!(reset_secret = ("123456")), &["`reset_secret` is 6 bytes long, but must be at least 32"]);
    attribute(quote!(reset_secret = 42), &["`reset_secret` must be a string, found an integer"]);
    attribute(quote!(reset_secret = b"x"), &["`reset_secret` must be a string, found a byte string"]);
    let same = "0123456789abcdef0123456789abcdef";
    setting(quote!(verify_secret = #same), &["`verify_secret` and `reset_secret` are the same"]);
    attribute(quote!(reset_secret = S, verify_secret = S), &["`verify_secret` and `reset_secret` are the same"]);
    attribute(quote!(reset_secret = self.s, verify_secret = self.s), &[]);
    setting(quote!(data_secret = #same), &["`data_secret` and `reset_secret` are the same"]);
    setting(quote!(data_secret = "short"), &["`data_secret` is 5 bytes long, but must be at least 32"]);
}

#[test]
fn a_secret_is_never_shown() {
    let output = expand(quote!(reset_secret = "hunter2", verify_secret = "hunter2"), quote!(impl A {}));
    let texts = super::errors(output);
    assert_eq!(texts.len(), 2);
    assert!(texts.iter().all(|text| !text.contains("hunter2")), "{texts:?}");
}

#[test]
fn audiences() {
    setting(quote!(verify_audience = ""), &["`verify_audience` must not be empty"]);
    setting(quote!(verify_audience = 1), &["`verify_audience` must be a string, found an integer"]);
    setting(
        quote!(reset_audience = "a", verify_audience = "a"),
        &["`verify_audience` and `reset_audience` are the same"],
    );
    setting(quote!(verify_audience = "usermgr:reset"), &["`verify_audience` and `reset_audience` are the same"]);
    setting(quote!(reset_audience = "usermgr:verify", verify_audience = "usermgr:reset"), &[]);
    setting(
        quote!(verify_audience = "usermgr:invitation"),
        &["`verify_audience` must not be `usermgr:invitation`, the audience of invitations"],
    );
}

#[test]
fn lifetimes() {
    for accepted in [quote!(5), quote!(5u64), quote!(60 * 60), quote!(HOUR), quote!(self.lifetime)] {
        setting(quote!(reset_lifetime = #accepted), &[]);
    }
    setting(quote!(reset_lifetime = 0), &["`reset_lifetime` must be greater than zero"]);
    setting(
        quote!(reset_lifetime = -5),
        &["`reset_lifetime` must be a positive number of seconds, found a negative one"],
    );
    setting(quote!(reset_lifetime = "5"), &["`reset_lifetime` must be an integer number of seconds, found a string"]);
    setting(quote!(reset_lifetime = 1.5), &["`reset_lifetime` must be an integer number of seconds, found a float"]);
    let too_long = "`reset_lifetime` is larger than the maximum of 4294967295 seconds";
    setting(quote!(reset_lifetime = 4294967296), &[too_long]);
    setting(quote!(reset_lifetime = 99999999999999999999999), &[too_long]);
    let suffix = "`reset_lifetime` must be a `u64`, found the suffix `u32`";
    for suffixed in [quote!(5u32), quote!(24u32 * 3600), quote!(60 * (60 * 24u32))] {
        setting(quote!(reset_lifetime = #suffixed), &[suffix]);
    }
}

#[test]
fn a_sign_in_has_a_shorter_maximum() {
    setting(quote!(oauth_lifetime = 600), &[]);
    for seconds in [quote!(601), quote!(3600), quote!(5_000_000_000)] {
        let secret = super::managers::secret();
        let texts = super::errors(expand(quote!(#secret, oauth_lifetime = #seconds), quote!(impl A {})));
        let text = "`oauth_lifetime` is larger than the maximum of 600 seconds\n= help: write a number of seconds, such as `600`";
        assert_eq!(texts, [text]);
    }
}

#[test]
fn crate_paths() {
    setting(quote!(crate = foo::bar), &["the `crate` path must be absolute"]);
    setting(quote!(crate = "um"), &["expected a path, found a string"]);
}
