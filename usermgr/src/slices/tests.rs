//! The registry: exactly the registered notifications have a row in the guide, and the errors of all operations are
//! recognized.

#[cfg(feature = "sqlite")]
mod futures;

use crate::{
    ChangeEmailError, ChangePasswordError, DeleteError, Fault, HookError, LoginError, RefreshError, RegisterError,
    ResetError, SessionError, UpdateError, VerifyError,
    api_keys::ApiKeyError,
    error::operation::is_refusal,
    factors::FactorError,
    impersonation::ImpersonateError,
    invitations::{AcceptInvitationError, InvitationError},
    manager::UserManager,
    prelude::*,
};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// The name of each notification, its hook, and whether its default hook mails, ordered by name.
fn registered<M: UserManager>(_: &M) -> Vec<(String, String, bool)> {
    let of_the_library = super::notifications::<M>().into_iter().filter(|row| !row.name.starts_with("sample_"));
    let mut rows: Vec<_> =
        of_the_library.map(|row| (row.name.to_owned(), row.hook.to_owned(), row.is_mailed)).collect();
    rows.sort();
    rows
}

#[test]
fn the_guide_lists_every_notification_with_its_hook_and_whether_it_is_mailed() {
    let guide = include_str!("../../docs/delivery.md");
    let table = guide.lines().skip_while(|line| !line.starts_with("| Notification | Hook |")).skip(2);
    let mut printed: Vec<_> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
            let is_mailed = match cells[3] {
                "yes" => true,
                "no" => false,
                other => panic!("{other} in the row of {}", cells[1]),
            };
            (cells[1].to_owned(), cells[2].to_owned(), is_mailed)
        })
        .collect();
    printed.sort();
    let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
    assert_eq!(printed, registered(&accounts));
}

#[test]
fn a_refusal_of_every_operation_is_recognized_and_a_fault_is_none() {
    let is_refusal = |error: HookError| is_refusal(&super::errors(), error.source());
    macro_rules! refuses {
        ($($error:ident::$refusal:ident),* $(,)?) => {$(
            assert!(is_refusal($error::$refusal.into()), "{}", stringify!($error));
            assert!(!is_refusal($error::Fault(Fault::Busy).into()), "{}", stringify!($error));
        )*};
    }
    refuses!(
        ChangeEmailError::AlreadyExists,
        ChangePasswordError::WrongPassword,
        FactorError::BadCode,
        AcceptInvitationError::InvalidToken,
        ApiKeyError::NotFound,
        DeleteError::LastSuperuser,
        ImpersonateError::Inactive,
        InvitationError::NotFound,
        LoginError::BadCredentials,
        RefreshError::InvalidToken,
        RegisterError::AlreadyExists,
        ResetError::InvalidToken,
        SessionError::NotFound,
        UpdateError::NotFound,
        VerifyError::AlreadyVerified,
    );
    assert!(!is_refusal("an error of the application".into()));
    #[cfg(feature = "oauth-bare")]
    {
        use super::OAuthError;
        refuses!(OAuthError::AlreadyExists);
        assert!(!is_refusal(OAuthError::from(LoginError::Fault(Fault::Busy)).into()), "a fault of the login");
    }
    assert_eq!(
        super::errors().len(),
        15 + usize::from(cfg!(feature = "oauth-bare")),
        "every error of the registry is in the list above"
    );
}

/// Each page of a part has the table of its routes.
#[cfg(all(feature = "oauth-bare", feature = "passkeys", feature = "totp"))]
#[test]
fn the_guide_has_the_routes_of_each_part() {
    for (page, parts) in [
        ("signing-in-with-others.md", &[crate::federation::NAME][..]),
        ("second-factors.md", &["factors", "totp"]),
        ("invitations.md", &[super::invitations::NAME]),
        ("administration.md", &[crate::engine::IMPERSONATION]),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("| Method | Path |").unwrap();
        let mut lines = rest.lines();
        let head: Vec<&str> = lines.by_ref().take(2).collect();
        let after: Vec<&str> = lines.skip_while(|line| line.starts_with('|')).collect();
        let routes = crate::http::Route::of_parts();
        let of_page = routes.filter(|route| route.parts.iter().flatten().any(|part| parts.contains(part)));
        let rows: Vec<_> = of_page.map(crate::http::Route::table_row).collect();
        let wanted =
            format!("{before}| Method | Path |{}\n{}\n{}\n", head.join("\n"), rows.join("\n"), after.join("\n"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        assert!(std::fs::read_to_string(&path).unwrap() == wanted, "{page}: write its table with UPDATE_EXPECT=1");
    }
}
