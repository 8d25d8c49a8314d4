//! A notice as a row of the outbox, and back: the matter under its name, the circumstances as JSON. No token, password or hash goes in.

use std::{borrow::Cow, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    context::{Actor, Context},
    engine::outbox::DeliveryAttempt,
    notification::notice::{Matter, Notice, Whom},
    session::SessionInfo,
    store::{OutboxEntry, OutboxId, OutboxRecipient, StoreError},
    user::{EmailAddress, UserId},
};

/// The name of each matter in a row: that of what an operation or a route is called.
const NAMES: [(Matter, &str); 9] = [
    (Matter::Registered, "register"),
    (Matter::DuplicateRegistration, "duplicate_register"),
    (Matter::VerificationRequested, "request_verify"),
    (Matter::Verified, "verify"),
    (Matter::ResetRequested, "forgot_password"),
    (Matter::PasswordReset, "reset_password"),
    (Matter::PasswordChanged, "change_password"),
    (Matter::EmailChangeRequested, "request_email_change"),
    (Matter::EmailChanged, "change_email"),
];

/// What a row tells beside the matter. Names that a later version adds are passed over.
#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<KeptActor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stamp: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptActor {
    User { id: String, session: SessionInfo },
    System(String),
}

/// The row of a notice, due at once.
pub(crate) fn of<I: UserId>(
    whom: Whom<'_, I>,
    notice: &Notice<'_>,
    cx: &Context,
    now: Timestamp,
) -> Result<OutboxEntry<I>, StoreError> {
    let actor = cx.actor.as_ref().map(|actor| match actor {
        Actor::User { id, session } => KeptActor::User { id: id.clone(), session: session.clone() },
        Actor::System(name) => KeptActor::System(name.to_string()),
    });
    let payload = Payload {
        ip: cx.ip,
        user_agent: cx.user_agent.clone(),
        request_id: cx.request_id.clone(),
        actor,
        address: notice.address.map(EmailAddress::to_string),
        stamp: notice.stamp.clone(),
    };
    let name = NAMES.iter().find(|(matter, _)| *matter == notice.matter).map(|(_, name)| *name);
    // In the order of time, as an index likes it. `Uuid` always makes one.
    let id = Uuid::generate(now).unwrap_or_else(Uuid::now_v7);
    Ok(OutboxEntry {
        id: OutboxId::new(id.simple().to_string()),
        event: name.unwrap_or_default().to_owned(),
        recipient: match whom {
            Whom::User(id) => OutboxRecipient::User(id.clone()),
            Whom::Address(email) => OutboxRecipient::Address(email.clone()),
        },
        payload: serde_json::to_string(&payload).map_err(StoreError::backend)?,
        attempts: 0,
        due_at: now,
    })
}

/// A row that was read.
pub(crate) struct Read {
    pub(crate) matter: Matter,
    pub(crate) cx: Context,
    pub(crate) address: Option<EmailAddress>,
    pub(crate) stamp: Option<String>,
}

/// Reads a row; the reason when it cannot be read, without the values in it.
pub(crate) fn read<I>(entry: &OutboxEntry<I>) -> Result<Read, String> {
    let matter = NAMES.iter().find(|(_, name)| *name == entry.event).map(|(matter, _)| *matter);
    let matter = matter.ok_or_else(|| "this version does not know the event".to_owned())?;
    let payload: Payload = serde_json::from_str(&entry.payload)
        .map_err(|error| format!("the payload breaks at column {}", error.column()))?;
    let Payload { ip, user_agent, request_id, actor, address, stamp } = payload;
    let actor = actor.map(|actor| match actor {
        KeptActor::User { id, session } => Actor::User { id, session },
        KeptActor::System(name) => Actor::System(Cow::Owned(name)),
    });
    let mut cx = Context { ip, user_agent, request_id, actor, ..Context::default() };
    cx.extensions.insert(DeliveryAttempt { id: entry.id.clone(), number: entry.attempts });
    Ok(Read { matter, cx, address: address.map(EmailAddress::from_stored), stamp })
}
