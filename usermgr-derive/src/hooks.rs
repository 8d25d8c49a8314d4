//! The table of hooks. Classification, suggestions, signature checks, forwarders and tests all read it, so that a new
//! hook is one new row.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Ident, Lifetime};

/// One hook: its name, its arguments after `&self`, and what it returns.
pub(crate) struct HookSpec {
    pub(crate) name: &'static str,
    /// Without the trailing [`CONTEXT`], which is optional for every hook.
    pub(crate) params: &'static [Param],
    pub(crate) outcome: Outcome,
}

/// One parameter: its name in signatures, the type the runtime passes, and how people write that type.
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) shown: &'static str,
    ty: &'static str,
    arguments: Arguments,
    mutable: bool,
}

/// The generic arguments the runtime's name for a type takes.
enum Arguments {
    None,
    Store,
    LifetimeAndStore,
}

#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// Decides whether a password is accepted.
    Policy,
    /// Makes the profile of a new user.
    Profile,
    /// Decides whether the operation continues.
    Gate,
    /// Writes inside the transaction, or rolls it back.
    Join,
    /// Is called after a change or a request.
    After,
}

const fn plain(name: &'static str, shown: &'static str, ty: &'static str) -> Param {
    Param { name, shown, ty, arguments: Arguments::None, mutable: false }
}

const fn of_store(name: &'static str, shown: &'static str, ty: &'static str) -> Param {
    Param { name, shown, ty, arguments: Arguments::Store, mutable: false }
}

const USER: Param = of_store("user", "&User", "UserOf");
const DRAFT: Param = Param { mutable: true, ..of_store("draft", "&mut Draft", "DraftOf") };
const CHANGES: Param = of_store("changes", "&Changes", "ChangesOf");
const PASSWORD: Param = plain("password", "&Password", "Password");
const SUBJECT: Param =
    Param { arguments: Arguments::LifetimeAndStore, ..plain("subject", "&PasswordSubject", "PasswordSubjectOf") };
const CHANGE: Param =
    Param { arguments: Arguments::LifetimeAndStore, ..plain("change", "&UserChange", "UserChangeOf") };
const TX: Param = Param { mutable: true, ..of_store("tx", "&mut Tx", "Tx") };
const LOGIN: Param = Param { mutable: true, ..plain("login", "&mut Login", "Login") };
const FAILED_LOGIN: Param = plain("failed", "&FailedLogin", "FailedLogin");
const LOCKOUT: Param = plain("lockout", "&Lockout", "Lockout");
const SESSION: Param = plain("session", "&SessionInfo", "SessionInfo");
const CLAIMS: Param = plain("claims", "&OAuthClaims", "OAuthClaims");
const IDENTITY: Param = plain("identity", "&Identity", "Identity");
const FACTOR: Param = plain("factor", "&FactorInfo", "FactorInfo");
const NEW_KEY: Param = plain("key", "&NewApiKey", "NewApiKey");
const KEY: Param = plain("key", "&ApiKeyInfo", "ApiKeyInfo");
const CODES: Param = plain("codes", "&FactorInfo", "FactorInfo");
const THEFT: Param = plain("theft", "&TokenTheft", "TokenTheft");
const LOGIN_MAIL: Param = plain("mail", "&LoginMail", "LoginMail");
const VERIFY_TOKEN: Param = plain("token", "&VerifyToken", "VerifyToken");
const INVITATION_TOKEN: Param = plain("token", "&InvitationToken", "InvitationToken");
const RESET_TOKEN: Param = plain("token", "&ResetToken", "ResetToken");
const CHANGE_EMAIL_TOKEN: Param = plain("token", "&ChangeEmailToken", "ChangeEmailToken");
const NEW_EMAIL: Param = plain("new", "&EmailAddress", "EmailAddress");
const OLD_EMAIL: Param = plain("old", "&EmailAddress", "EmailAddress");

/// The optional last parameter of every hook.
pub(crate) const CONTEXT: Param = plain("cx", "&Context", "Context");

/// Every hook, in the order of an account's life.
pub(crate) const HOOKS: &[HookSpec] = &[
    hook("validate_password", &[PASSWORD, SUBJECT], Outcome::Policy),
    hook("oauth_profile", &[CLAIMS], Outcome::Profile),
    hook("on_before_register", &[DRAFT], Outcome::Gate),
    hook("on_before_login", &[USER], Outcome::Gate),
    hook("on_before_update", &[USER, CHANGES], Outcome::Gate),
    hook("on_before_delete", &[USER], Outcome::Gate),
    hook("on_before_link", &[USER, CLAIMS], Outcome::Gate),
    hook("on_before_add_factor", &[USER, FACTOR], Outcome::Gate),
    hook("on_before_create_api_key", &[USER, NEW_KEY], Outcome::Gate),
    hook("on_before_commit", &[CHANGE, TX], Outcome::Join),
    hook("on_after_register", &[USER], Outcome::After),
    hook("on_after_oauth_register", &[USER, CLAIMS], Outcome::After),
    hook("on_after_duplicate_register", &[USER], Outcome::After),
    hook("on_after_login", &[USER, LOGIN], Outcome::After),
    hook("on_after_failed_login", &[FAILED_LOGIN], Outcome::After),
    hook("on_after_lockout", &[LOCKOUT], Outcome::After),
    hook("on_after_impersonate", &[USER, SESSION], Outcome::After),
    hook("on_after_logout", &[USER, SESSION], Outcome::After),
    hook("on_after_revoke_session", &[USER, SESSION], Outcome::After),
    hook("on_after_token_theft", &[USER, THEFT], Outcome::After),
    hook("on_after_request_verify", &[USER, VERIFY_TOKEN], Outcome::After),
    hook("on_after_verify", &[USER], Outcome::After),
    hook("on_after_forgot_password", &[USER, RESET_TOKEN], Outcome::After),
    hook("on_after_request_login", &[USER, LOGIN_MAIL], Outcome::After),
    hook("on_after_invite", &[USER, INVITATION_TOKEN], Outcome::After),
    hook("on_after_accept_invitation", &[USER], Outcome::After),
    hook("on_after_reset_password", &[USER], Outcome::After),
    hook("on_after_change_password", &[USER], Outcome::After),
    hook("on_after_request_email_change", &[USER, NEW_EMAIL, CHANGE_EMAIL_TOKEN], Outcome::After),
    hook("on_after_change_email", &[USER, OLD_EMAIL], Outcome::After),
    hook("on_after_change_username", &[USER], Outcome::After),
    hook("on_after_rehash_password", &[USER], Outcome::After),
    hook("on_after_link", &[USER, IDENTITY], Outcome::After),
    hook("on_after_unlink", &[USER, IDENTITY], Outcome::After),
    hook("on_after_add_factor", &[USER, FACTOR], Outcome::After),
    hook("on_after_remove_factor", &[USER, FACTOR], Outcome::After),
    hook("on_after_create_api_key", &[USER, KEY], Outcome::After),
    hook("on_after_revoke_api_key", &[USER, KEY], Outcome::After),
    hook("on_after_failed_second_factor", &[USER], Outcome::After),
    hook("on_after_use_recovery_code", &[USER, CODES], Outcome::After),
    hook("on_after_suspicious_passkey", &[USER, FACTOR], Outcome::After),
    hook("on_after_update", &[USER, CHANGES], Outcome::After),
    hook("on_after_delete", &[USER], Outcome::After),
];

/// The methods of the trait by which the runtime learns that a hook is written.
const NOTED: [(&str, &str); 3] = [
    ("oauth_profile", "makes_profiles"),
    ("on_after_request_login", "mails_logins"),
    ("on_after_invite", "mails_invitations"),
];

const fn hook(name: &'static str, params: &'static [Param], outcome: Outcome) -> HookSpec {
    HookSpec { name, params, outcome }
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
    HOOKS.iter().map(|spec| spec.name)
}

impl HookSpec {
    pub(crate) fn named(name: &str) -> Option<&'static HookSpec> {
        HOOKS.iter().find(|spec| spec.name == name)
    }

    /// The method by which the runtime learns that the hook is written, if it asks.
    pub(crate) fn noted(&self) -> Option<&'static str> {
        NOTED.iter().find(|(hook, _)| *hook == self.name).map(|(_, method)| *method)
    }

    /// Every parameter the trait's method has: the row's and the context.
    pub(crate) fn all_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().chain([&CONTEXT])
    }

    /// The signature to write, in one line.
    pub(crate) fn signature(&self) -> String {
        let params: String = self.all_params().map(|param| format!(", {}: {}", param.name, param.shown)).collect();
        let output = match self.outcome {
            Outcome::After => String::new(),
            Outcome::Gate | Outcome::Policy | Outcome::Profile | Outcome::Join => {
                format!(" -> {}", self.outcome.shown())
            }
        };
        format!("async fn {}(&self{params}){output}", self.name)
    }
}

impl Outcome {
    /// What a hook of this kind must return, as people write it.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Outcome::Policy => "Result<(), InvalidPassword>",
            Outcome::Profile => "Result<Profile, Rejection>",
            Outcome::Gate | Outcome::Join => "Result<(), Rejection>",
            Outcome::After => "Result<(), HookError>",
        }
    }

    /// What a hook of this kind makes, if it makes something.
    pub(crate) fn made(self, store: &TokenStream) -> Option<TokenStream> {
        matches!(self, Outcome::Profile).then(|| quote!(<#store as __um::UserStore>::Profile))
    }

    /// The error of the trait's method.
    pub(crate) fn error(self) -> Ident {
        let name = match self {
            Outcome::Policy => "InvalidPassword",
            Outcome::Gate | Outcome::Profile => "Rejection",
            Outcome::After | Outcome::Join => "HookError",
        };
        Ident::new(name, Span::call_site())
    }

    /// The trait in the runtime's private module that checks the written return type.
    pub(crate) fn witness(self) -> Ident {
        let name = match self {
            Outcome::Policy => "PolicyOutcome",
            Outcome::Profile => "ProfileOutcome",
            Outcome::Gate => "GateOutcome",
            Outcome::Join => "JoinOutcome",
            Outcome::After => "AfterOutcome",
        };
        Ident::new(name, Span::call_site())
    }
}

impl Param {
    /// Whether the type itself takes a lifetime.
    pub(crate) fn borrows(&self) -> bool {
        matches!(self.arguments, Arguments::LifetimeAndStore)
    }

    /// The type in the trait's method: `&'__a __um::UserOf<MemoryStore>`, or without the lifetime.
    pub(crate) fn wanted(&self, lifetime: Option<&Lifetime>, store: &TokenStream) -> TokenStream {
        let ty = Ident::new(self.ty, Span::call_site());
        let mutable = self.mutable.then(|| quote!(mut));
        let arguments = match self.arguments {
            Arguments::None => TokenStream::new(),
            Arguments::Store => quote!(<#store>),
            Arguments::LifetimeAndStore => {
                let lifetime = lifetime.map_or_else(|| quote!('_), ToTokens::to_token_stream);
                quote!(<#lifetime, #store>)
            }
        };
        quote!(& #lifetime #mutable __um::#ty #arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_follow_the_prefix_rule() {
        for (at, spec) in HOOKS.iter().enumerate() {
            assert!(HOOKS.iter().skip(at + 1).all(|other| other.name != spec.name), "{} twice", spec.name);
            let prefixed = spec.name.starts_with("on_before_") || spec.name.starts_with("on_after_");
            let named = matches!(spec.outcome, Outcome::Policy | Outcome::Profile);
            assert!(prefixed || named, "{}", spec.name);
        }
    }

    #[test]
    fn no_operation_is_named_like_a_hook() {
        assert!(crate::operations::OPERATIONS.iter().all(|name| HookSpec::named(name).is_none()));
    }

    #[test]
    fn signatures_read_as_people_write_them() {
        let shown = |name| HookSpec::named(name).map(HookSpec::signature).unwrap();
        assert_eq!(
            shown("on_after_login"),
            "async fn on_after_login(&self, user: &User, login: &mut Login, cx: &Context)"
        );
        assert_eq!(
            shown("on_before_delete"),
            "async fn on_before_delete(&self, user: &User, cx: &Context) -> Result<(), Rejection>"
        );
    }
}
