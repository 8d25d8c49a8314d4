//! What the code written by the macros calls. Not part of the public interface: it changes without notice.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

pub use crate::{
    context::Context,
    engine::{DefaultStore, Engine},
    error::{HookError, InvalidPassword, Rejection},
    login::{FailedLogin, Lockout, Login, TokenTheft},
    manager::{HookFuture, UserManager},
    secret::{Secret, SecretSet},
    session::SessionInfo,
    settings::Settings,
    store::{ChangesOf, DraftOf, PasswordSubjectOf, Tx, UserChangeOf, UserOf},
    token::{ChangeEmailToken, ResetToken, VerifyToken},
    user::{EmailAddress, Password},
};
pub use serde;

/// Reads a field that is there: `null` counts as a value, so that absent and `null` can be told apart.
///
/// # Errors
/// Those of the field's own type.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Witnesses that the manager's field holds the engine of the manager's store.
#[diagnostic::on_unimplemented(
    message = "the manager's store is `{S}`, but its engine is `{Self}`",
    label = "expected `Engine<{S}>`",
    note = "name the store in the attribute: `#[user_manager(store = .., ..)]`"
)]
pub trait EngineOf<S> {
    /// The engine.
    fn engine(&self) -> &Engine<S>;
}

#[diagnostic::do_not_recommend]
impl<S> EngineOf<S> for Engine<S> {
    fn engine(&self) -> &Engine<S> {
        self
    }
}

/// Witnesses the type of a hook's parameter.
#[diagnostic::on_unimplemented(
    message = "this hook parameter must be `{Want}`, found `{Self}`",
    label = "expected `{Want}`"
)]
pub trait HookArg<Want> {
    /// The argument as the hook takes it.
    fn of(want: Want) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> HookArg<T> for T {
    fn of(want: T) -> Self {
        want
    }
}

/// Witnesses what a hook that runs after the fact returns.
#[diagnostic::on_unimplemented(
    message = "a hook must return `()` or `Result<(), HookError>`, found `{Self}`",
    label = "expected `()` or `Result<(), HookError>`",
    note = "any error will do that can be boxed as `dyn Error + Send + Sync`"
)]
pub trait AfterOutcome: Sized {
    /// The hook's future as the manager's trait wants it.
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
impl<E: Into<HookError>> AfterOutcome for Result<(), E> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(async move { hook.await.map_err(Into::into) })
    }
}

/// Witnesses what a hook that decides returns.
#[diagnostic::on_unimplemented(
    message = "this hook must return `Result<(), Rejection>`, found `{Self}`",
    label = "expected `Result<(), Rejection>`",
    note = "it decides whether the operation goes on"
)]
pub trait GateOutcome: Sized {
    /// The hook's future as the manager's trait wants it.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection>;
}

#[diagnostic::do_not_recommend]
impl GateOutcome for Result<(), Rejection> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, Rejection> {
        Box::pin(hook)
    }
}

/// Witnesses what the hook inside the transaction returns.
#[diagnostic::on_unimplemented(
    message = "this hook must return `Result<(), Rejection>` or `Result<(), HookError>`, found `{Self}`",
    label = "expected `Result<(), Rejection>` or `Result<(), HookError>`",
    note = "an error takes the change back; any will do that can be boxed as `dyn Error + Send + Sync`"
)]
pub trait JoinOutcome: Sized {
    /// The hook's future as the manager's trait wants it.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<HookError>> JoinOutcome for Result<(), E> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, HookError> {
        Box::pin(async move { hook.await.map_err(Into::into) })
    }
}

/// Witnesses what the password policy returns.
#[diagnostic::on_unimplemented(
    message = "`validate_password` must return `Result<(), InvalidPassword>`, found `{Self}`",
    label = "expected `Result<(), InvalidPassword>`",
    note = "it decides whether the password is accepted"
)]
pub trait PolicyOutcome: Sized {
    /// The hook's future as the manager's trait wants it.
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, InvalidPassword>;
}

#[diagnostic::do_not_recommend]
impl PolicyOutcome for Result<(), InvalidPassword> {
    fn boxed<'a>(hook: impl Future<Output = Self> + Send + 'a) -> HookFuture<'a, InvalidPassword> {
        Box::pin(hook)
    }
}

/// What a setting accepts, read by reference so that `self.secret` is no move.
macro_rules! values {
    ($($(#[$attribute:meta])* $name:ident::$method:ident -> $value:ty { $($type:ty => |$this:ident| $conversion:expr,)* })*) => {$(
        $(#[$attribute])*
        pub trait $name {
            /// The value of the setting.
            fn $method(&self) -> $value;
        }

        $(#[diagnostic::do_not_recommend]
        impl $name for $type {
            fn $method(&self) -> $value {
                let $this = self;
                $conversion
            }
        })*

        #[diagnostic::do_not_recommend]
        impl<T: $name + ?Sized> $name for &T {
            fn $method(&self) -> $value {
                (**self).$method()
            }
        }
    )*};
}

values! {
    /// What can be a secret.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be used as a secret",
        label = "expected a string, a `Secret` or a `SecretSet`"
    )]
    AsSecret::to_secret -> SecretSet {
        str => |this| Secret::new(this).into(),
        String => |this| Secret::new(this).into(),
        Secret => |this| this.clone().into(),
        SecretSet => |this| this.clone(),
    }

    /// What can be an audience.
    #[diagnostic::on_unimplemented(message = "`{Self}` cannot be used as an audience", label = "expected a string")]
    AsAudience::to_audience -> String {
        str => |this| this.to_owned(),
        String => |this| this.clone(),
    }

    /// What can be a lifetime.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be used as a lifetime",
        label = "expected seconds as a `u64`, or a `Duration`"
    )]
    AsLifetime::to_lifetime -> Duration {
        u64 => |this| Duration::from_secs(*this),
        Duration => |this| *this,
    }
}

/// Settings whose value the compiler knows, checked by it.
#[allow(clippy::panic, reason = "while a constant is evaluated, a panic is a compile error")]
pub mod check {
    use std::time::Duration;

    use crate::{secret::Secret, settings::MAX_LIFETIME};

    /// A constant as it was written. No trait can tell types apart while a constant is evaluated, inherent methods can.
    pub struct Given<T>(pub T);

    impl Given<&str> {
        /// A text.
        pub const fn text(&self) -> &str {
            self.0
        }
    }

    impl Given<u64> {
        /// A number of seconds.
        pub const fn seconds(&self) -> u64 {
            self.0
        }
    }

    impl Given<Duration> {
        /// The whole seconds.
        pub const fn seconds(&self) -> u64 {
            self.0.as_secs()
        }
    }

    /// A constant of a wrong type is reported where the setting is read; here it passes, so that it is reported once.
    macro_rules! mistyped {
        ($($method:ident -> $result:ty = $passes:expr; $($type:ty)*;)*) => {$($(
            impl Given<$type> {
                /// Passes.
                pub const fn $method(&self) -> $result {
                    $passes
                }
            }
        )*)*};
    }

    /// Long enough for a secret.
    const PASSES: &str = "................................";

    mistyped! {
        text -> &'static str = PASSES; u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64 bool char &[u8] Duration;
        seconds -> u64 = 1; u8 u16 u32 usize i8 i16 i32 i64 isize f32 f64 bool char &str &[u8];
    }

    impl<const N: usize> Given<&[u8; N]> {
        /// Passes.
        pub const fn text(&self) -> &'static str {
            PASSES
        }
    }

    /// Panics with the name of the setting: a panic in a constant cannot put a message together.
    macro_rules! refuse {
        ($setting:ident, $fault:literal: $($name:literal)*) => {{
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
            refuse!(setting, "must not be empty\n= help: use at least 32 random bytes, such as the output of `openssl rand -hex 32`": "secret" "reset_secret" "verify_secret");
        }
        if value.len() < Secret::MIN_BYTES {
            refuse!(setting, "must be at least 32 bytes long\n= help: use at least 32 random bytes, such as the output of `openssl rand -hex 32`\n= note: tokens are signed with HMAC-SHA256, and a shorter key weakens them": "secret" "reset_secret" "verify_secret");
        }
    }

    /// Refuses an empty audience.
    #[track_caller]
    pub const fn audience(setting: &str, value: &str) {
        if value.is_empty() {
            refuse!(setting, "must not be empty\n= help: name the application and the purpose, such as `\"shop:verify\"`": "reset_audience" "verify_audience" "change_email_audience");
        }
    }

    /// Refuses a lifetime of nothing, and one that is longer than any expiry can say.
    #[track_caller]
    pub const fn lifetime(setting: &str, value: u64) {
        if value == 0 {
            refuse!(setting, "must be greater than zero\n= help: write a number of seconds, such as `3600`": "reset_lifetime" "verify_lifetime" "change_email_lifetime");
        }
        if value > MAX_LIFETIME {
            refuse!(setting, "is larger than the maximum of 4294967295 seconds\n= help: write a number of seconds, such as `3600`": "reset_lifetime" "verify_lifetime" "change_email_lifetime");
        }
    }

    /// Refuses a value that another setting has already.
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
