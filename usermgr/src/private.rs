//! What the macros' generated code calls. It is not part of the public interface and changes without notice.

use std::{borrow::Cow, error::Error, marker::PhantomData, sync::Arc, time::Duration};

pub use crate::api_key::PermissionsByName;
use crate::permissions::Permits;
pub use crate::user::present;
pub use crate::{
    api_key::NewApiKey,
    context::Context,
    default_store::{DefaultStore, Tx},
    engine::Engine,
    error::{HookError, HookFuture, Rejection},
    mailer::LoginMail,
    manager::UserManager,
    password::InvalidPassword,
    permissions::{Permissions, Place, Roles},
    secret::{Secret, SecretSet},
    session::{FailedLogin, Lockout, Login, SessionInfo, TokenTheft},
    settings::Settings,
    store::{ApiKeyInfo, ChangesOf, DraftOf, FactorInfo, Identity, PasswordSubjectOf, UserChangeOf, UserOf, UserStore},
    token::{ChangeEmailToken, InvitationToken, ResetToken, VerifyToken},
    user::{EmailAddress, OAuthClaims, Password},
};
pub use serde;

/// The set of one permission, by its place in the enum.
pub const fn permission<P>(place: u8) -> Permissions<P> {
    Permissions::at(Place::new(place))
}

/// The set of these permissions. The bound is on the roles: on the permissions, it would be reported twice.
pub fn these<R: Roles, const N: usize>(permissions: [R::Permission; N]) -> Permissions<R::Permission> {
    permissions.into()
}

/// The set of all permissions that roles can grant.
pub fn all<R: Roles>() -> Permissions<R::Permission> {
    Permissions::all()
}

/// Proves that the manager's field holds the engine of the manager's store.
#[diagnostic::on_unimplemented(
    message = "the manager's store is `{S}`, but its engine is `{Self}`",
    label = "expected `Engine<{S}>`",
    note = "name the store in the attribute: `#[user_manager(store = .., ..)]`"
)]
pub trait EngineOf<'a, S, Inferred> {
    /// The engine.
    fn engine(self) -> &'a Engine<S>;
}

/// The ways to hold an engine. A temporary reference to an engine ends with the expression; the engine does not.
macro_rules! engines {
    ($([$($held:lifetime)?] $type:ty => $lifetime:lifetime |$this:ident| $engine:expr,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, $($held,)? S> EngineOf<$lifetime, S, ()> for &'a $type {
            fn engine(self) -> &$lifetime Engine<S> {
                let $this = self;
                $engine
            }
        }
    )*};
}

engines! {
    [] Engine<S> => 'a |this| this,
    [] Arc<Engine<S>> => 'a |this| this,
    [] Box<Engine<S>> => 'a |this| this,
    ['e] &'e Engine<S> => 'e |this| this,
    ['e] &'e Arc<Engine<S>> => 'e |this| this,
    ['e] &'e Box<Engine<S>> => 'e |this| this,
}

/// Called in place of a hook that could not be parsed. The compiler has reported the error, and then does not warn
/// about unused code.
#[must_use = "this is a hook that `#[user_manager]` cannot read; write its signature as the guide shows it"]
pub fn unread() -> bool {
    true
}

/// Proves the type of a hook's parameter.
#[diagnostic::on_unimplemented(
    message = "this hook parameter must be `{Want}`, found `{Self}`",
    label = "expected `{Want}`"
)]
pub trait HookArg<Want, Inferred> {
    /// Returns the argument in the form that the hook takes.
    fn of(want: Want) -> Self;
}

// An inferred type would otherwise make the compiler suggest this bound for a generic manager.
#[diagnostic::do_not_recommend]
impl<T> HookArg<T, ()> for T {
    fn of(want: T) -> Self {
        want
    }
}

/// Proves the return type of an after-hook.
#[diagnostic::on_unimplemented(
    message = "a hook must return `()` or `Result<(), HookError>`, found `{Self}`",
    label = "expected `()` or `Result<(), HookError>`",
    note = "any error will do that can be boxed as `dyn Error + Send + Sync`"
)]
pub trait AfterOutcome: Sized {
    /// Boxes the hook's future for the manager's trait.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError>;
}

#[diagnostic::do_not_recommend]
impl AfterOutcome for () {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(async move {
            hook.await;
            Ok(())
        })
    }
}

#[diagnostic::do_not_recommend]
impl AfterOutcome for Result<(), HookError> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(hook)
    }
}

// Not for types that convert to `HookError`, because that would wrap the hook's future in another future for nothing.
#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> AfterOutcome for Result<(), E> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(async move { Ok(hook.await?) })
    }
}

/// Proves the return type of a deciding hook.
#[diagnostic::on_unimplemented(
    message = "this hook must return `Result<(), Rejection>`, found `{Self}`",
    label = "expected `Result<(), Rejection>`",
    note = "it decides whether the operation goes on"
)]
pub trait GateOutcome: Sized {
    /// Boxes the hook's future for the manager's trait.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection>;
}

#[diagnostic::do_not_recommend]
impl GateOutcome for Result<(), Rejection> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection> {
        Box::pin(hook)
    }
}

/// Proves the return type of the hook inside the transaction.
#[diagnostic::on_unimplemented(
    message = "this hook must return `Result<(), Rejection>` or `Result<(), HookError>`, found `{Self}`",
    label = "expected `Result<(), Rejection>` or `Result<(), HookError>`",
    note = "an error takes the change back; any will do that can be boxed as `dyn Error + Send + Sync`"
)]
pub trait JoinOutcome: Sized {
    /// Boxes the hook's future for the manager's trait.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError>;
}

#[diagnostic::do_not_recommend]
impl JoinOutcome for Result<(), HookError> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(hook)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> JoinOutcome for Result<(), E> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(async move { Ok(hook.await?) })
    }
}

/// Proves the return type of the password policy.
#[diagnostic::on_unimplemented(
    message = "`validate_password` must return `Result<(), InvalidPassword>`, found `{Self}`",
    label = "expected `Result<(), InvalidPassword>`",
    note = "it decides whether the password is accepted"
)]
pub trait PolicyOutcome: Sized {
    /// Boxes the hook's future for the manager's trait.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, InvalidPassword>;
}

#[diagnostic::do_not_recommend]
impl PolicyOutcome for Result<(), InvalidPassword> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, InvalidPassword> {
        Box::pin(hook)
    }
}

/// Proves the return type of the hook that makes a profile.
#[diagnostic::on_unimplemented(
    message = "`oauth_profile` must return `Result<{P}, Rejection>`, found `{Self}`",
    label = "expected `Result<{P}, Rejection>`",
    note = "it makes the profile of a new user"
)]
pub trait ProfileOutcome<P>: Sized {
    /// Boxes the hook's future for the manager's trait.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection, Option<P>>;
}

#[diagnostic::do_not_recommend]
impl<P> ProfileOutcome<P> for Result<P, Rejection> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection, Option<P>> {
        Box::pin(async move { hook.await.map(Some) })
    }
}

/// The types that a setting accepts. The value is read by reference, so that `self.secret` is not moved. The mark of a
/// type says what the compiler can check in a constant of that type.
macro_rules! values {
    ($($(#[$attribute:meta])* $name:ident::$method:ident -> $value:ty { $($type:ty: $mark:ident => |$this:ident| $conversion:expr,)* })*) => {$(
        $(#[$attribute])*
        pub trait $name {
            /// What the compiler can check in a constant of this type.
            type Mark: check::Mark;

            /// Returns the value of the setting.
            fn $method(&self) -> $value;

            /// Carries the mark of a constant to the check. It is never called.
            fn mark(&self) -> PhantomData<Self::Mark> {
                PhantomData
            }
        }

        $(#[diagnostic::do_not_recommend]
        impl $name for $type {
            type Mark = check::$mark;

            fn $method(&self) -> $value {
                let $this = self;
                $conversion
            }
        })*

        values!(through $name::$method -> $value: &T => T::Mark, Arc<T> => check::Opaque, Box<T> => check::Opaque);

        #[diagnostic::do_not_recommend]
        impl<T: ToOwned + $name + ?Sized> $name for Cow<'_, T> {
            type Mark = check::Opaque;

            fn $method(&self) -> $value {
                (**self).$method()
            }
        }
    )*};
    (through $name:ident::$method:ident -> $value:ty: $($pointer:ty => $mark:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: $name + ?Sized> $name for $pointer {
            type Mark = $mark;

            fn $method(&self) -> $value {
                (**self).$method()
            }
        }
    )*};
}

values! {
    /// The types of a secret.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be used as a secret",
        label = "expected a string, a `Secret` or a `SecretSet`"
    )]
    AsSecret::to_secret -> SecretSet {
        str: Text => |this| Secret::new(this).into(),
        String: Opaque => |this| Secret::new(this).into(),
        Secret: Opaque => |this| this.clone().into(),
        SecretSet: Opaque => |this| this.clone(),
    }

    /// The types of an audience.
    #[diagnostic::on_unimplemented(message = "`{Self}` cannot be used as an audience", label = "expected a string")]
    AsAudience::to_audience -> String {
        str: Text => |this| this.to_owned(),
        String: Opaque => |this| this.clone(),
    }

    /// The types of a lifetime.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be used as a lifetime",
        label = "expected seconds as a `u64`, or a `Duration`"
    )]
    AsLifetime::to_lifetime -> Duration {
        u64: Seconds => |this| Duration::from_secs(*this),
        Duration: Span => |this| *this,
    }
}

/// Settings whose values the compiler knows, and checks.
#[allow(clippy::panic, reason = "while a constant is evaluated, a panic is a compile error")]
pub mod check {
    use std::{marker::PhantomData, mem, time::Duration};

    use crate::secret::Secret;

    /// What the compiler can check in constants of a type. The work is in inherent methods, because trait methods
    /// cannot be called in a constant.
    pub trait Mark {
        /// The one value.
        const MARK: Self;
    }

    macro_rules! marks {
        ($($(#[$attribute:meta])* $name:ident,)*) => {$(
            $(#[$attribute])*
            pub struct $name;

            impl Mark for $name {
                const MARK: Self = Self;
            }
        )*};
    }

    marks! {
        /// For texts.
        Text,
        /// For numbers of seconds.
        Seconds,
        /// For durations.
        Span,
        /// For types whose values are known only at run time.
        Opaque,
    }

    /// Takes the mark from a call that is type-checked and never made. A type without a mark is not checked.
    pub const fn of<M: Mark, F: Fn() -> PhantomData<M>>(_: &F) -> M {
        M::MARK
    }

    impl Text {
        /// The text.
        pub const fn text(self, value: &str) -> &str {
            value
        }
    }

    impl Seconds {
        /// The seconds.
        pub const fn seconds(self, value: u64) -> u64 {
            value
        }
    }

    impl Span {
        /// The whole seconds.
        pub const fn seconds(self, value: Duration) -> u64 {
            value.as_secs()
        }
    }

    impl Opaque {
        /// Accepts every value.
        pub const fn text<T>(self, value: T) -> &'static str {
            // A constant cannot drop a value.
            mem::forget(value);
            "................................"
        }
    }

    /// Panics with the name of the setting. A panic in a constant cannot format a message.
    macro_rules! refuse {
        ($setting:ident, $fault:expr => $($name:literal)*) => {{
            $(if same($setting, $name) {
                panic!(concat!("`", $name, "` ", $fault));
            })*
            panic!(concat!("the setting ", $fault))
        }};
    }

    /// Refuses a secret that is too short.
    #[track_caller]
    pub const fn secret(setting: &str, value: &str) {
        if value.is_empty() {
            refuse!(setting, "must not be empty\n= help: use at least 32 random bytes, such as the output of `openssl rand -hex 32`" => "secret" "reset_secret" "verify_secret" "oauth_secret" "data_secret");
        }
        if value.len() < Secret::MIN_BYTES {
            refuse!(setting, "must be at least 32 bytes long\n= help: use at least 32 random bytes, such as the output of `openssl rand -hex 32`\n= note: tokens are signed with HMAC-SHA256, and a shorter key weakens them" => "secret" "reset_secret" "verify_secret" "oauth_secret" "data_secret");
        }
    }

    macro_rules! refuse_fixed {
        ($setting:ident, $value:ident: $($audience:literal of $bearers:literal)*) => {$(
            if same($value, $audience) {
                refuse!($setting, concat!("must not be `", $audience, "`, the audience of ", $bearers, "\n= help: name the application and the purpose, such as `\"shop:verify\"`\n= note: the audience keeps a token made for one purpose from being accepted for another") => "reset_audience" "verify_audience" "change_email_audience" "oauth_audience");
            }
        )*};
    }

    /// Refuses an empty audience, and one that no setting changes.
    #[track_caller]
    pub const fn audience(setting: &str, value: &str) {
        if value.is_empty() {
            refuse!(setting, "must not be empty\n= help: name the application and the purpose, such as `\"shop:verify\"`" => "reset_audience" "verify_audience" "change_email_audience" "oauth_audience");
        }
        refuse_fixed!(setting, value: "usermgr:mail_login" of "login links" "usermgr:invitation" of "invitations" "usermgr:passkey" of "passkeys");
    }

    macro_rules! refuse_outside {
        ($setting:ident, $value:ident, $longest:literal, $example:literal: $($name:literal)*) => {
            if $value == 0 {
                refuse!($setting, concat!("must be greater than zero\n= help: write a number of seconds, such as `", $example, "`") => $($name)*);
            }
            if $value > $longest {
                refuse!($setting, concat!("is larger than the maximum of ", $longest, " seconds\n= help: write a number of seconds, such as `", $example, "`") => $($name)*);
            }
        };
    }

    /// Refuses a lifetime of zero, and one that is longer than its purpose or an expiry allows.
    #[track_caller]
    pub const fn lifetime(setting: &str, value: u64) {
        if same(setting, "oauth_lifetime") {
            refuse_outside!(setting, value, 600, 600: "oauth_lifetime");
        } else {
            refuse_outside!(setting, value, 4_294_967_295, 3600: "reset_lifetime" "verify_lifetime" "change_email_lifetime");
        }
    }

    /// Refuses a value that another setting already has.
    #[track_caller]
    pub const fn distinct(value: &str, other: &str, message: &str) {
        if !value.is_empty() && same(value, other) {
            panic!("{}", message);
        }
    }

    const fn same(left: &str, right: &str) -> bool {
        let (left, right) = (left.as_bytes(), right.as_bytes());
        let mut at = 0;
        while at < left.len() && at < right.len() && left[at] == right[at] {
            at += 1;
        }
        at == left.len() && at == right.len()
    }
}

/// A manager of which the generated code asks whether it permits its users anything. Of two methods of one name, the compiler
/// takes that of [`WithPermissions`], which needs one reference less, if the manager has it.
pub struct Asked<'a, M: ?Sized>(&'a M);

impl<'a, M: ?Sized> Asked<'a, M> {
    /// Asks a manager.
    pub fn of(manager: &'a M) -> Self {
        Self(manager)
    }

    /// Returns the manager.
    pub fn manager(&self) -> &'a M {
        self.0
    }
}

/// A manager with permissions.
pub trait WithPermissions<'a, S: UserStore> {
    /// Returns them by name.
    fn permissions(&self) -> Option<&'a dyn PermissionsByName<S>>;
}

/// Any manager.
pub trait WithoutPermissions {
    /// Returns none. It has no bound, so that what is wrong with a store is reported once.
    fn permissions<P>(&self) -> Option<P> {
        None
    }
}

impl<M: ?Sized> WithoutPermissions for &Asked<'_, M> {}

impl<'a, M: Permits> WithPermissions<'a, M::Store> for Asked<'a, M> {
    fn permissions(&self) -> Option<&'a dyn PermissionsByName<M::Store>> {
        Some(self.0)
    }
}
