//! The application's own hook inside the transaction of a change: what it writes is committed or rolled back together
//! with the change.

use crate::{
    audit::EventKind,
    change::{
        verdict::{Judged, Verdict, judge, verdict},
        written::Uncommitted,
    },
    containment::contained,
    context::Context,
    default_store::Tx,
    engine::Engine,
    error::{Fault, HookFailure},
    hook::{raise, refused},
    manager::UserManager,
    mark::{Within, marked},
    store::{StoreError, UserChangeOf, UserStore},
};

/// The name of the hook.
const HOOK: &str = "on_before_commit";

/// Calls the manager's hook inside a transaction.
pub(crate) async fn join<M: UserManager + ?Sized>(
    manager: &M,
    change: &UserChangeOf<'_, M::Store>,
    tx: &mut Tx<M::Store>,
    cx: &Context,
) -> Result<(), Uncommitted> {
    let engine = manager.engine_ref();
    let call = marked(Within::Transaction, manager.on_before_commit(change, tx, cx));
    let (detail, fault) = match contained(call, engine.hook_timeout()).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => match judge(error) {
            Judged::Rejected(rejection) => {
                refused(engine, HOOK, Some(&change.user().id), &rejection, cx);
                return Err(Uncommitted::Rejected(rejection));
            }
            Judged::GivenUp => return Err(StoreError::Stale.into()),
            Judged::Outage(error) => (format!("{HOOK}: {error}"), StoreError::backend(error).into()),
            Judged::Failed(error) => (format!("{HOOK}: {error}"), failed(HookFailure::Failed)),
        },
        Err(failure) => (format!("{HOOK} {failure}"), failed(failure)),
    };
    raise(engine, EventKind::HookFailed, Some(&change.user().id), Some(detail.into()), cx);
    Err(Uncommitted::Fault(fault))
}

/// Converts the error of a write after the hook has run. A database refusal is then caused by a constraint of the
/// application's own tables, which is checked at the commit or protects a row that is to be deleted.
pub(crate) fn kept<S: UserStore, T>(
    engine: &Engine<S>,
    outcome: Result<T, StoreError>,
    user: &S::Id,
    cx: &Context,
) -> Result<T, Fault> {
    outcome.map_err(|error| {
        if !matches!(error, StoreError::Backend(_)) || verdict(&error) != Some(Verdict::Refused) {
            return error.into();
        }
        raise(engine, EventKind::HookFailed, Some(user), Some(format!("{HOOK}: {error}").into()), cx);
        failed(HookFailure::Failed)
    })
}

fn failed(failure: HookFailure) -> Fault {
    Fault::Hook { hook: HOOK, failure }
}
