//! The generation of the sessions. A server that may have lost changes begins another one, which ends all sessions of
//! the one before: a snapshot holds sessions that have ended since, and refresh tokens that were used.
//!
//! A snapshot, a restored backup and a replica hold the record of the server that served before, so a server whose run
//! is not the recorded one must show that nothing is missing.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{Script, aio::MultiplexedConnection};

use super::greeting::{Greeting, Refusal};

/// The key of the record, and that of the generations that have ended and whose keys were not purged yet.
pub(super) const RECORD: &str = "generation";
const ENDED: &str = "generations:ended";

/// Returns the generation of the sessions in a server. `last` is the run of the server that this process used before,
/// and how long ago that one answered.
pub(super) async fn generation(
    connection: &mut MultiplexedConnection,
    prefix: &str,
    greeting: &Greeting,
    last: Option<(&str, Duration)>,
) -> Result<String, Refusal> {
    let mut new = [0; 8];
    getrandom::fill(&mut new)?;
    let Greeting { run, history, earlier_history, appends, uptime, .. } = greeting;
    let (used, since) = last.unwrap_or_default();
    // It ran beside the server that answered last, so it was not started after that one had failed.
    let beside = last.is_some() && *uptime > since.as_secs() + 1;
    let (generation, others_ended): (String, bool) = Script::new(include_str!("generation.lua"))
        .key(&[format!("{prefix}{RECORD}"), format!("{prefix}{ENDED}")])
        .arg(&[run, history, earlier_history])
        .arg(*appends)
        .arg(used)
        .arg(beside)
        .arg(URL_SAFE_NO_PAD.encode(new))
        .invoke_async(connection)
        .await?;
    if others_ended {
        tracing::warn!(
            target: "usermgr",
            "Redis may have lost changes, so all sessions in it have ended; an append-only file keeps them over a restart"
        );
    }
    Ok(generation)
}
