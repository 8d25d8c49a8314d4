//! Shared by the operations: running hooks with their failures contained, and raising events.

use std::{borrow::Cow, fmt, time::Duration};

use crate::{
    audit::{Event, EventKind},
    containment::contained,
    context::Context,
    engine::Engine,
    error::{Fault, HookError, HookFailure, Rejection},
    manager::UserManager,
    password::InvalidPassword,
    store::UserStore,
    user::{Password, PasswordSubject, Stamp},
};

/// How long a check against data breaches may take.
const BREACH_CHECK: Duration = Duration::from_secs(3);

/// Raises an event about a user.
pub(crate) fn raise<S: UserStore>(
    engine: &Engine<S>,
    kind: EventKind,
    user: Option<&S::Id>,
    detail: Option<Cow<'static, str>>,
    cx: &Context,
) {
    let event = Event::about(kind, engine.now(), user.map(ToString::to_string), detail, cx);
    engine.audit().record(event);
}

/// Runs an after-hook. The operation stays done, so a failure only becomes an event.
pub(crate) async fn after<S: UserStore>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) {
    // The event has reported the failure.
    let _ = attempt(engine, engine.hook_timeout(), hook, user, cx, call).await;
}

/// How an after-hook failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It returned an error.
    Returned(&'static str, HookError),
    /// It panicked or took too long.
    Contained(&'static str, HookFailure),
    /// It was not called, for this reason.
    NotCalled(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned(hook, error) => write!(f, "{hook}: {error}"),
            Self::Contained(hook, failure) => write!(f, "{hook} {failure}"),
            Self::NotCalled(reason) => f.write_str(reason),
        }
    }
}

/// A fault of the library itself, before the hook could be called.
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::NotCalled(fault.to_string())
    }
}

/// Runs an after-hook within a time limit. A failure becomes an event and is returned.
pub(crate) async fn attempt<S: UserStore>(
    engine: &Engine<S>,
    limit: Duration,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = Result<(), HookError>>,
) -> Result<(), Failure> {
    let failure = match contained(call, limit).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => Failure::Returned(hook, error),
        Err(failure) => Failure::Contained(hook, failure),
    };
    let kind = match &failure {
        Failure::Returned(_, error) => EventKind::of_failed_hook(error.is_misconfigured()),
        _ => EventKind::HookFailed,
    };
    raise(engine, kind, user, Some(failure.to_string().into()), cx);
    Err(failure)
}

/// Runs a deciding hook. If it fails to decide, the operation stops.
pub(crate) async fn decided<S: UserStore, T>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = T>,
) -> Result<T, Fault> {
    match contained(call, engine.hook_timeout()).await {
        Ok(decision) => Ok(decision),
        Err(failure) => {
            raise(engine, EventKind::HookFailed, user, Some(format!("{hook} {failure}").into()), cx);
            Err(Fault::Hook { hook, failure })
        }
    }
}

/// Raises the event of a hook's refusal.
pub(crate) fn refused<S: UserStore>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    rejection: &Rejection,
    cx: &Context,
) {
    raise(engine, EventKind::Refused, user, Some(format!("{hook}: {}", rejection.code()).into()), cx);
}

/// Asks a gate. The inner error is its refusal, which also becomes an event.
pub(crate) async fn gate<S: UserStore, T>(
    engine: &Engine<S>,
    hook: &'static str,
    user: Option<&S::Id>,
    cx: &Context,
    call: impl Future<Output = Result<T, Rejection>>,
) -> Result<Result<T, Rejection>, Fault> {
    let decision = decided(engine, hook, user, cx, call).await?;
    if let Err(rejection) = &decision {
        refused(engine, hook, user, rejection, cx);
    }
    Ok(decision)
}

/// Calls a hook with one of the functions here: `hook!(after(manager, Some(&user.id), cx): on_after_verify(user))`. The
/// hook's name in events and faults comes from the call itself, so that the two cannot differ. The context is passed as
/// the last argument.
macro_rules! hook {
    ($run:ident($manager:expr, $user:expr, $cx:expr): $hook:ident($($argument:expr),* $(,)?)) => {
        $crate::hook::$run($manager.engine_ref(), stringify!($hook), $user, $cx, $manager.$hook($($argument,)* $cx))
    };
}

pub(crate) use hook;

/// Checks a new password: the length limit first, so that a policy never has to read a megabyte, then the manager's
/// policy, then data breaches.
pub(crate) async fn judge<M: UserManager + ?Sized, E: From<Fault> + From<InvalidPassword>>(
    manager: &M,
    password: &Password,
    subject: PasswordSubject<'_, <M::Store as UserStore>::Profile, <M::Store as UserStore>::Id>,
    cx: &Context,
) -> Result<(), E> {
    let text = password.normalized().map_err(InvalidPassword::from)?;
    let user = match &subject {
        PasswordSubject::New(_) => None,
        PasswordSubject::Existing(user) => Some(&user.id),
    };
    hook!(decided(manager, user, cx): validate_password(password, &subject)).await??;
    check_breaches(manager.engine_ref(), &text, user, cx).await
}

/// Checks a password against data breaches, if the engine has that part. A check that fails becomes an event.
async fn check_breaches<S: UserStore, E: From<Fault> + From<InvalidPassword>>(
    engine: &Engine<S>,
    password: &str,
    user: Option<&S::Id>,
    cx: &Context,
) -> Result<(), E> {
    let Some(breaches) = engine.breaches() else { return Ok(()) };
    let why = match contained(breaches.contain(password), BREACH_CHECK).await {
        Ok(Ok(false)) => return Ok(()),
        Ok(Ok(true)) => {
            return Err(InvalidPassword::new("the password has appeared in a data breach")
                .with_code("breached")
                .into());
        }
        Ok(Err(unchecked)) => unchecked.to_string(),
        Err(failure) => format!("it {failure}"),
    };
    raise(engine, EventKind::BreachCheckFailed, user, Some(why.clone().into()), cx);
    if breaches.is_closed() { Err(Fault::BreachCheck(why).into()) } else { Ok(()) }
}

/// A fresh stamp.
pub(crate) fn new_stamp() -> Result<Stamp, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Stamp::from_bytes(bytes))
}

#[cfg(all(test, feature = "axum", feature = "testing"))]
mod tests;
