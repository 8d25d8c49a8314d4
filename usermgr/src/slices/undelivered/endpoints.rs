//! The routes of the notifications that were given up. Only an engine with an outbox has them.

use std::sync::Arc;

use ::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    engine::outbox::{Outbox, PART},
    error::{Code, Fault},
    http::{Guard, Incoming, Outgoing, Problem, Success, Takes, endpoints},
    manager::UserManager,
    session::Principal,
    store::{FailedEntry, OutboxId, OutboxRecipient},
};

const SUPERUSER: Guard = Guard::active().superuser();

endpoints! {
    parts {
        /// Lists the notifications that were given up.
        list for SUPERUSER => Route::get("/outbox/undelivered", ListUndelivered, "outbox:list_undelivered")
            .summary("List the notifications that were given up")
            .takes(Takes::Page)
            .answers(Success::Undelivered)
            .needs(PART);
        /// Gives a notification all its attempts again.
        retry for SUPERUSER.fresh() =>
            Route::post("/outbox/undelivered/{id}/retry", RetryUndelivered, "outbox:retry_undelivered")
                .summary("Attempt to deliver a notification again")
                .codes(&[Code::ReauthenticationRequired])
                .names_something()
                .needs(PART);
        /// Deletes a notification that was given up.
        delete for SUPERUSER.fresh() =>
            Route::delete("/outbox/undelivered/{id}", DeleteUndelivered, "outbox:delete_undelivered")
                .summary("Delete a notification that was given up")
                .codes(&[Code::ReauthenticationRequired])
                .names_something()
                .needs(PART);
    }
}

/// A notification that was given up, without the context of the request that caused it.
#[derive(Serialize)]
struct Undelivered<'a, I> {
    id: &'a str,
    event: &'a str,
    /// `None` if it was meant for an address, of which it was not known whether an account has it.
    user_id: Option<&'a I>,
    attempts: u32,
    failed_at: Timestamp,
    error: &'a str,
}

impl<'a, I> Undelivered<'a, I> {
    fn of(failed: &'a FailedEntry<I>) -> Self {
        let FailedEntry { entry, failed_at, error } = failed;
        let user_id = match &entry.recipient {
            OutboxRecipient::User(id) => Some(id),
            OutboxRecipient::Address(_) => None,
        };
        let (id, event) = (entry.id.as_str(), entry.event.as_str());
        Self { id, event, user_id, attempts: entry.attempts, failed_at: *failed_at, error }
    }
}

/// The outbox, which the engine has if these routes are served.
fn outbox<M: UserManager>(manager: &M) -> Result<&Outbox<M::Store>, Problem> {
    manager.engine_ref().outbox().ok_or_else(Problem::not_found)
}

/// The row that the path names. A text that cannot be an id is unknown.
fn id(request: &Incoming) -> Result<OutboxId, Problem> {
    request.param.as_deref().and_then(named).ok_or_else(Problem::not_found)
}

fn named(text: &str) -> Option<OutboxId> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then(|| OutboxId::new(text))
}

async fn list<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    _: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let query = request.page_query(named)?;
    let limit = query.limit;
    // One more row than requested shows whether there is another page.
    let query = query.limit(limit + 1);
    let store = manager.engine_ref().store();
    let mut all = outbox(&**manager)?.list_failed(store, &query).await.map_err(Fault::from)?;
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    let page: Vec<_> = all.iter().map(Undelivered::of).collect();
    let answer = Outgoing::json(StatusCode::OK, &page)?;
    Ok(match page.last().filter(|_| more) {
        Some(last) => answer.with_next_page(&format!("cursor={}&limit={limit}", last.id)),
        None => answer,
    })
}

async fn retry<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    _: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let (id, engine) = (id(&request)?, manager.engine_ref());
    done(outbox(&**manager)?.retry_failed(engine.store(), &id, engine.now()).await.map_err(Fault::from)?)
}

async fn delete<M: UserManager>(
    manager: &Arc<M>,
    request: Incoming,
    _: Principal<M::Store>,
) -> Result<Outgoing, Problem> {
    let id = id(&request)?;
    done(outbox(&**manager)?.delete_failed(manager.engine_ref().store(), &id).await.map_err(Fault::from)?)
}

/// 204, or 404 if the row was not there.
fn done(is_there: bool) -> Result<Outgoing, Problem> {
    if is_there { Ok(Outgoing::no_content()) } else { Err(Problem::not_found()) }
}
