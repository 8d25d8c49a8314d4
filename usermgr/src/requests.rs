//! Requests for mail: every one is counted for the account and for the network that asks, whether a route or the application asks; and
//! one that must not tell whether somebody has the address is looked at after it was answered.

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

/// What a mail is counted for: the network that asks, and the address.
pub(crate) fn subjects<'a>(kind: MailKind, email: &'a EmailAddress, cx: &Context) -> [Subject<'a>; 2] {
    [Subject::MailFrom(cx.ip), Subject::MailTo(kind, email.canonical())]
}

/// Counts a mail that `work` sends, whether or not somebody has the address. What fails is not counted.
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

/// Whether a request is not counted: that of the application itself, which no stranger repeats, and that of a hook, which is a part of
/// what was asked for, and counted there.
fn is_free(cx: &Context) -> bool {
    matches!(cx.actor, Some(Actor::System(_))) || within() == Within::Hook
}

/// What is given back when work fails that was counted when it was asked for.
pub(crate) fn charge<M: UserManager + ?Sized>(manager: &M, subjects: &[Subject<'_>], cx: &Context) -> Charge {
    let engine = manager.engine_ref();
    if is_free(cx) { Charge::default() } else { engine.limiter().charge(subjects, engine.now()) }
}

/// What is done after the answer. It is on the heap from the start: handed on by value through the steps of a request, a whole operation
/// is more than the stack of a thread has room for without optimisation.
pub(crate) type Later = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// Counts a request and records it: in the outbox, or as work in the background. Neither the answer nor its time tells what comes of it.
pub(crate) async fn ask_later<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    (recipient, notice): (Recipient<'_, IdOf<M>>, Notice<'_>),
    subjects: &[Subject<'_>],
    cx: &Context,
    work: impl FnOnce() -> Later,
) -> Result<(), Fault> {
    let record = async {
        let engine = manager.engine_ref();
        // The same row for every address, written before the answer.
        if enqueue_alone(engine, recipient, &notice, cx).await? {
            return Ok(());
        }
        let slot = engine.background().reserve()?;
        in_background(manager, slot, charge(&**manager, subjects, cx), work());
        Ok(())
    };
    counted(&**manager, subjects, cx, record).await
}

/// Asks for the user who has an address, if there is one: `send` gets the account, which is looked for after the answer.
pub(crate) async fn ask_by_address<M: UserManager + ?Sized, F>(
    manager: &Arc<M>,
    email: &EmailAddress,
    notice: Notice<'_>,
    subjects: &[Subject<'_>],
    cx: &Context,
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
    ask_later(manager, (Recipient::Address(email), notice), subjects, cx, work).await
}

/// Leaves work to the background. What it was counted for is given back when it fails.
pub(crate) fn in_background<M: UserManager + ?Sized>(manager: &Arc<M>, slot: Slot<'_>, charge: Charge, work: Later) {
    let manager = manager.clone();
    slot.spawn(async move {
        if let Err(fault) = work.await {
            manager.engine_ref().limiter().give_back(charge).await;
            tracing::error!(target: "usermgr", error = %fault, "what was asked for could not be done");
        }
    });
}
