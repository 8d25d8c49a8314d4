//! Requests for mail. Each one is counted for the account and for the requesting network, whether a route or the
//! application asks. A request that must not reveal whether an address is registered is processed after the response.

use std::{pin::Pin, sync::Arc};

use crate::{
    background::Slot,
    context::{Actor, Context},
    error::Fault,
    limits::{Charge, Judgement, MailKind, Subject},
    manager::{IdOf, UserManager},
    mark::{Within, within},
    notification::{
        enqueue::enqueue_alone,
        notice::{Notice, Recipient},
    },
    store::{Lookup, RecordOf, UserStore},
    user::EmailAddress,
};

/// What a mail is counted for: the requesting network, and the address.
pub(crate) fn subjects<'a>(kind: MailKind, email: &'a EmailAddress, cx: &Context) -> [Subject<'a>; 2] {
    [Subject::MailFrom(cx.ip), Subject::MailTo(kind, email.canonical())]
}

/// Counts a mail that `work` sends, whether or not the address is registered. A failure is not counted.
pub(crate) async fn counted<M: UserManager + ?Sized, T, E: From<Fault>>(
    manager: &M,
    subjects: &[Subject<'_>],
    cx: &Context,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    if is_free(cx) {
        return work.await;
    }
    let engine = manager.engine_ref();
    engine.limiter().attempt(subjects, engine.now(), work, Judgement::of_deed).await?.0
}

/// Whether a request is not counted. Requests of the application itself cannot be repeated by strangers. A request of a
/// hook is part of the request that called it, and is counted there.
fn is_free(cx: &Context) -> bool {
    matches!(cx.actor, Some(Actor::System(_))) || within() == Within::Hook
}

/// Returns what is given back if counted work fails.
pub(crate) fn charge<M: UserManager + ?Sized>(manager: &M, subjects: &[Subject<'_>], cx: &Context) -> Charge {
    let engine = manager.engine_ref();
    if is_free(cx) { Charge::default() } else { engine.limiter().charge(subjects, engine.now()) }
}

/// The work after the response. It is on the heap from the start: a whole operation, passed by value through the steps
/// of a request, can exceed the stack of a thread in unoptimized builds.
pub(crate) type Later = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// For requests that write nothing but their notification.
pub(crate) async fn nothing() -> Result<(), Fault> {
    Ok(())
}

/// Counts a request and records it, in the outbox or as background work. Neither the response nor its timing reveals
/// the result.
///
/// - `first`: what is written before, for every address.
pub(crate) async fn ask_later<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    (recipient, notice): (Recipient<'_, IdOf<M>>, Notice<'_>),
    subjects: &[Subject<'_>],
    cx: &Context,
    first: impl Future<Output = Result<(), Fault>>,
    work: impl FnOnce() -> Later,
) -> Result<(), Fault> {
    let record = async {
        let engine = manager.engine_ref();
        first.await?;
        // The same row for every address, written before the response.
        if enqueue_alone(engine, recipient, &notice, cx).await? {
            return Ok(());
        }
        let slot = engine.background().reserve()?;
        in_background(manager, slot, charge(&**manager, subjects, cx), work());
        Ok(())
    };
    counted(&**manager, subjects, cx, record).await
}

/// Processes a request for the user with an address, if there is one. `send` gets the account, which is looked up after
/// the response.
///
/// - `first`: what is written before the response, for every address.
pub(crate) async fn ask_by_address<M: UserManager + ?Sized, F>(
    manager: &Arc<M>,
    email: &EmailAddress,
    notice: Notice<'_>,
    subjects: &[Subject<'_>],
    cx: &Context,
    first: impl Future<Output = Result<(), Fault>>,
    send: impl FnOnce(Arc<M>, Context, RecordOf<M::Store>) -> F + Send + 'static,
) -> Result<(), Fault>
where
    F: Future<Output = Result<(), Fault>> + Send,
{
    let work = || -> Later {
        let (manager, email, cx) = (manager.clone(), email.clone(), cx.clone());
        Box::pin(async move {
            match manager.engine_ref().store().find(Lookup::Email(&email)).await? {
                Some(record) => send(manager, cx, record).await,
                None => Ok(()),
            }
        })
    };
    ask_later(manager, (Recipient::Address(email), notice), subjects, cx, first, work).await
}

/// Runs work in the background. Its count is given back if it fails.
pub(crate) fn in_background<M: UserManager + ?Sized>(manager: &Arc<M>, slot: Slot<'_>, charge: Charge, work: Later) {
    let manager = manager.clone();
    slot.spawn(async move {
        if let Err(fault) = work.await {
            manager.engine_ref().limiter().give_back(charge).await;
            tracing::error!(target: "usermgr", error = %fault, "a request that was already answered could not be carried out");
        }
    });
}
