//! An outbox row as delivery reads it.

use std::borrow::Cow;

use crate::{
    context::{Actor, Context, RequestedAt},
    engine::outbox::DeliveryAttempt,
    notification::payload::{KeptActor, Payload},
    store::{ApiKeyInfo, FactorInfo, OutboxEntry},
    user::EmailAddress,
};

/// The content of a row besides its name and recipient.
pub(super) struct Received {
    pub(super) cx: Context,
    pub(super) address: Option<EmailAddress>,
    pub(super) factor: Option<FactorInfo>,
    pub(super) api_key: Option<ApiKeyInfo>,
    pub(super) stamp: Option<String>,
    pub(super) step: Option<String>,
}

/// Reads a row. If it cannot be read, returns the reason without the row's values.
pub(super) fn read<I>(entry: &OutboxEntry<I>) -> Result<Received, String> {
    let payload: Payload = serde_json::from_str(&entry.payload)
        .map_err(|error| format!("the payload breaks at column {}", error.column()))?;
    let Payload { ip, user_agent, request_id, languages, actor, address, factor, api_key, stamp, step, at } = payload;
    let actor = actor.map(|actor| match actor {
        KeptActor::User { id, session } => Actor::User { id, session },
        KeptActor::System(name) => Actor::System(Cow::Owned(name)),
    });
    let mut cx = Context { ip, user_agent, request_id, languages, actor, ..Context::default() };
    if let Some(at) = at {
        cx.extensions.insert(RequestedAt(at));
    }
    cx.extensions.insert(DeliveryAttempt { id: entry.id.clone(), number: entry.attempts });
    Ok(Received { cx, address: address.map(EmailAddress::from_stored), factor, api_key, stamp, step })
}
