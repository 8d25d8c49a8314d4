//! What users are told by hooks. An operation says what it is; without an outbox the hook is called at once, with one a row is written
//! together with the change, and the hook is called by whoever delivers.

use crate::{
    context::Context,
    engine::Engine,
    error::{Fault, HookError},
    store::{StoreError, UserStore},
    user::EmailAddress,
};

/// What somebody is told. Each has one hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    Registered,
    DuplicateRegistration,
    VerificationRequested,
    Verified,
    ResetRequested,
    PasswordReset,
    PasswordChanged,
    EmailChangeRequested,
    EmailChanged,
}

/// A matter with what its hook needs beside the user.
#[cfg_attr(not(feature = "outbox"), expect(dead_code, reason = "nobody writes it down"))]
pub(crate) struct Notice<'a> {
    pub(crate) matter: Matter,
    /// The other address, where an address changes.
    pub(crate) address: Option<&'a EmailAddress>,
    /// The part of the stamp that tokens carry, where a new one ends the matter.
    pub(crate) stamp: Option<String>,
}

impl<'a> Notice<'a> {
    pub(crate) fn of(matter: Matter) -> Self {
        Self { matter, address: None, stamp: None }
    }

    pub(crate) fn about(self, address: &'a EmailAddress) -> Self {
        Self { address: Some(address), ..self }
    }

    pub(crate) fn bound_to(self, stamp: String) -> Self {
        Self { stamp: Some(stamp), ..self }
    }
}

/// Who is told.
#[cfg_attr(not(feature = "outbox"), expect(dead_code, reason = "nobody writes it down"))]
pub(crate) enum Whom<'a, I> {
    User(&'a I),
    /// Whoever has it, if anybody.
    Address(&'a EmailAddress),
}

/// Writes down, in the transaction of a change, what is to be told of it. Nothing without an outbox.
#[cfg_attr(not(feature = "outbox"), expect(unused_variables, reason = "nobody writes it down"))]
pub(crate) async fn keep<S: UserStore>(
    engine: &Engine<S>,
    tx: &mut S::Tx,
    whom: Whom<'_, S::Id>,
    notice: &Notice<'_>,
    cx: &Context,
) -> Result<(), StoreError> {
    #[cfg(feature = "outbox")]
    if let Some(outbox) = engine.outbox() {
        let entry = crate::notification::entry::of(whom, notice, cx, engine.now())?;
        outbox.push(engine.store(), tx, &entry).await?;
    }
    Ok(())
}

/// Wakes whoever delivers, if there is an outbox.
#[cfg_attr(not(feature = "outbox"), expect(unused_variables, reason = "nobody delivers"))]
pub(crate) fn wake<S: UserStore>(engine: &Engine<S>) {
    #[cfg(feature = "outbox")]
    if let Some(outbox) = engine.outbox() {
        outbox.wake();
    }
}

/// Whether an engine writes down what is to be told.
#[cfg_attr(not(feature = "outbox"), expect(unused_variables, reason = "nobody writes it down"))]
pub(crate) fn is_kept<S: UserStore>(engine: &Engine<S>) -> bool {
    #[cfg(feature = "outbox")]
    return engine.outbox().is_some();
    #[cfg(not(feature = "outbox"))]
    false
}

/// Tells what [`keep`] has written down, or calls the hook.
pub(crate) async fn tell<S: UserStore, F: Future<Output = Result<(), HookError>>>(
    engine: &Engine<S>,
    hook: &'static str,
    user: &S::Id,
    cx: &Context,
    call: impl FnOnce() -> F,
) {
    #[cfg(feature = "outbox")]
    if let Some(outbox) = engine.outbox() {
        outbox.wake();
        return;
    }
    crate::hook::after(engine, hook, Some(user), cx, call()).await;
}

/// Writes down, in a transaction of its own, what is to be told without a change. `false` when there is no outbox.
///
/// Whether somebody has the address is not looked at.
#[cfg_attr(not(feature = "outbox"), expect(unused_variables, reason = "nobody writes it down"))]
pub(crate) async fn owe<S: UserStore>(
    engine: &Engine<S>,
    whom: Whom<'_, S::Id>,
    notice: &Notice<'_>,
    cx: &Context,
) -> Result<bool, Fault> {
    #[cfg(feature = "outbox")]
    if let Some(outbox) = engine.outbox() {
        use crate::store::{Lookup, OutboxRecipient};

        let entry = crate::notification::entry::of(whom, notice, cx, engine.now())?;
        let mut attempts = crate::attempts::Attempts::default();
        while let Err(error) = outbox.push_alone(engine.store(), &entry).await {
            let StoreError::Stale = error else { return Err(error.into()) };
            if let OutboxRecipient::User(id) = &entry.recipient
                && engine.store().find(Lookup::Id(id)).await?.is_none()
            {
                // Gone: there is nobody to tell.
                break;
            }
            attempts.another_or_busy().await?;
        }
        outbox.wake();
        return Ok(true);
    }
    Ok(false)
}
