//! Kept tokens open only where they belong, and show themselves nowhere.

use super::*;
use crate::{
    secret::{Secret, SecretSet},
    store::NewCredential,
};

fn keys() -> SealKeys {
    SealKeys::derive(&SecretSet::from(Secret::new("only-for-tests-0123456789abcdef-x"))).unwrap()
}

fn tokens() -> Tokens {
    Tokens {
        access: Zeroizing::new("access \"canary\"".to_owned()),
        refresh: Some(Zeroizing::new("refresh canary".to_owned())),
        expires_at: Some(Timestamp::UNIX_EPOCH),
        scope: Some("a b".to_owned()),
    }
}

/// The row of a user, with the tokens of the identity `ada`, found by those of `found_by`.
fn row(user: i64, found_by: &str) -> Credential<i64> {
    let mut new = NewCredential::new(user, Kept::KIND, "", Timestamp::UNIX_EPOCH);
    new = new.lookup(Identity::new("corp", found_by).lookup());
    new.data = Kept::of(&Identity::new("corp", "ada"), tokens()).seal(&keys(), &user.to_string(), &new.id).unwrap();
    new.into()
}

#[test]
fn d1_tokens_open_in_their_row_of_their_user_under_their_identity() {
    let good = row(7, "ada");
    let kept = Kept::open(&keys(), &good).unwrap();
    let opened = kept.tokens.unwrap();
    assert_eq!((kept.provider.as_str(), kept.subject.as_str(), kept.claimed_until), ("corp", "ada", None));
    assert_eq!(
        (opened.access.as_str(), opened.refresh.as_ref().unwrap().as_str()),
        ("access \"canary\"", "refresh canary")
    );
    assert_eq!((opened.expires_at, opened.scope.as_deref()), (tokens().expires_at, Some("a b")));
    for moved in [
        Credential { user_id: 8, ..good.clone() },
        Credential { id: CredentialId::new("another"), ..good.clone() },
        Credential { lookup: None, ..good.clone() },
        row(7, "eve"),
    ] {
        assert_eq!(Kept::open(&keys(), &moved).err(), Some(SealError::Forged), "{moved:?}");
    }
}

#[test]
fn o12_no_debug_output_shows_a_token() {
    let token = ProviderToken::from(&tokens());
    assert_eq!(token.expose(), "access \"canary\"");
    let shown = format!("{token:?} {:?} {:?}", tokens(), row(7, "ada"));
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn what_a_provider_does_not_repeat_stays() {
    let bare = || Tokens { refresh: None, scope: None, ..tokens() };
    let later = bare().after(Some(&tokens()));
    assert!(later.has_refresh("refresh canary") && later.scope.is_none(), "a sign-in may have granted other scopes");
    let refreshed = bare().refreshed_from(&tokens());
    assert!(refreshed.has_refresh("refresh canary") && refreshed.scope.as_deref() == Some("a b"));
    let replaced = Tokens { refresh: Some(Zeroizing::new("new".to_owned())), ..bare() };
    assert!(replaced.after(Some(&tokens())).has_refresh("new"));
}
