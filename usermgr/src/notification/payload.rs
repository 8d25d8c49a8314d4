//! A notification as an outbox row: its name, its recipient, and the context of the request as JSON. It contains no
//! token, password or hash.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    context::{Actor, Context},
    notification::notice::{About, Notice, Recipient},
    session::SessionInfo,
    store::{ApiKeyInfo, FactorInfo, OutboxEntry, OutboxId, OutboxRecipient, StoreError},
    user::UserId,
};

/// The content of a row besides its name and recipient. Unknown names from later versions are ignored.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ip: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) languages: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<KeptActor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) factor: Option<FactorInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) api_key: Option<ApiKeyInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stamp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<String>,
    /// When the request was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeptActor {
    User { id: String, session: SessionInfo },
    System(String),
}

/// Makes the row of a notice, due at once.
pub(super) fn entry<I: UserId>(
    recipient: Recipient<'_, I>,
    notice: &Notice<'_>,
    cx: &Context,
    now: Timestamp,
) -> Result<OutboxEntry<I>, StoreError> {
    let actor = cx.actor.as_ref().map(|actor| match actor {
        Actor::User { id, session } => KeptActor::User { id: id.clone(), session: session.clone() },
        Actor::System(name) => KeptActor::System(name.to_string()),
    });
    let (address, factor, api_key) = match notice.about {
        About::Nothing => (None, None, None),
        About::Address(address) => (Some(address.to_string()), None, None),
        About::Factor(factor) => (None, Some(factor.clone()), None),
        About::Key(key) => (None, None, Some(key.clone())),
    };
    let payload = Payload {
        ip: cx.ip,
        user_agent: cx.user_agent.clone(),
        request_id: cx.request_id.clone(),
        languages: cx.languages.clone(),
        actor,
        address,
        factor,
        api_key,
        stamp: notice.stamp.clone(),
        step: notice.step.clone(),
        at: Some(now),
    };
    // Ordered by time, which suits an index. `Uuid` always makes an id.
    let id = Uuid::generate(now).unwrap_or_else(Uuid::now_v7);
    Ok(OutboxEntry {
        id: OutboxId::new(id.simple().to_string()),
        event: notice.name.to_owned(),
        recipient: match recipient {
            Recipient::User(id) => OutboxRecipient::User(id.clone()),
            Recipient::Address(email) => OutboxRecipient::Address(email.clone()),
        },
        payload: serde_json::to_string(&payload).map_err(StoreError::backend)?,
        attempts: 0,
        due_at: now,
    })
}
