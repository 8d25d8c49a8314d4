//! One attempt to deliver a request, as passed to the function of its row.

use crate::{
    audit::EventKind,
    context::Context,
    error::HookError,
    hook::{Failure, attempt, raise},
    manager::{ManagedUser, UserManager},
    store::RecordOf,
    user::{EmailAddress, Record},
};

/// An attempt to deliver a request: the current account, and the content of the outbox row.
pub(crate) struct Attempt<'a, M: UserManager + ?Sized> {
    pub(crate) manager: &'a M,
    pub(crate) record: &'a RecordOf<M::Store>,
    pub(crate) cx: &'a Context,
    /// The address of the request.
    pub(crate) address: Option<&'a EmailAddress>,
    /// The part of the stamp that the request is bound to.
    pub(crate) stamp: Option<&'a str>,
    /// The digest of the pending step that waits for what the message contains.
    pub(crate) step: Option<&'a str>,
    pub(super) hook: &'static str,
    /// The event of the request, if it is still to be raised: see [`Recipient`](super::notice::Recipient).
    pub(super) event: Option<EventKind>,
}

impl<'a, M: UserManager + ?Sized> Attempt<'a, M> {
    pub(crate) fn user(&self) -> &'a ManagedUser<M> {
        &self.record.user
    }

    /// Whether the stamp is still the one that the request is bound to. A new stamp invalidates earlier requests.
    pub(crate) fn is_bound(&self) -> bool {
        let Record { stamp, .. } = self.record;
        self.stamp.is_some_and(|bound| stamp.has_prefix(bound))
    }

    /// Calls the hook of a request that is still valid.
    pub(crate) async fn call(&self, hook: impl Future<Output = Result<(), HookError>>) -> Result<(), Failure> {
        let engine = self.manager.engine_ref();
        let id = &self.user().id;
        if let Some(event) = self.event {
            raise(engine, event, Some(id), None, self.cx);
        }
        attempt(engine, engine.delivery().1, self.hook, Some(id), self.cx, hook).await
    }
}

impl Failure {
    pub(crate) fn no_address() -> Self {
        Self::NotCalled("the row has no address".to_owned())
    }

    #[allow(dead_code, reason = "only delivery reads rows, and delivery is a crate feature")]
    pub(super) fn no_factor() -> Self {
        Self::NotCalled("the row has no factor".to_owned())
    }

    #[allow(dead_code, reason = "only delivery reads rows, and delivery is a crate feature")]
    pub(super) fn no_key() -> Self {
        Self::NotCalled("the row has no API key".to_owned())
    }
}
