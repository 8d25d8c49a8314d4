//! The login history, as a part of the engine: what is kept of which logins.

use std::time::Duration;

use super::{Engine, EngineBuilder, Part, logins::Kept};
use crate::{
    amr::Amr,
    audit::{Event, EventKind},
    config_error::ConfigError,
    context::Context,
    error::Fault,
    session::FailedLoginReason,
    store::{HistoryStore, LoginEntry, LoginOutcome, UserStore},
};

/// The name of the part.
pub(crate) const HISTORY: &str = "login-history";
const DAY: u64 = 24 * 3600;

/// The login history, as a part of the engine: for each user the latest logins and the latest refused logins, with time,
/// methods, network address and user agent. The guide has a [page](crate::guide::login_history).
///
/// `GET /users/me/logins` shows users their own, `GET /users/{id}/logins` shows superusers those of a user, and the pages
/// show both. A login to an unknown address leaves no row. A row is written behind the answer, so that it neither delays a login
/// nor makes one fail; one that is lost is the event `login_history_lost`.
///
/// ```
/// use std::time::Duration;
/// use usermgr::{Engine, MemoryStore, engine::LoginHistory};
///
/// let history = LoginHistory::new().most(50).keep(Duration::from_secs(30 * 24 * 3600));
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(history)?;
/// assert!(engine.has_part("login-history"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct LoginHistory {
    most: u32,
    keep: Duration,
}

impl LoginHistory {
    /// Keeps the latest 20 logins and the latest 20 refused logins of each user, for 90 days.
    pub fn new() -> Self {
        Self { most: 20, keep: Duration::from_secs(90 * DAY) }
    }

    /// Sets how many logins are kept of each user, and how many refused logins. They are counted separately, so that a
    /// stranger who sends wrong passwords pushes no login out. Default: 20 each.
    /// [`build`](EngineBuilder::build) demands 1 to 100.
    pub fn most(self, most: u32) -> Self {
        Self { most, ..self }
    }

    /// Sets how long rows are kept. Older ones are shown to no one, and [`purge`](Engine::purge) deletes them. Default: 90
    /// days. [`build`](EngineBuilder::build) demands one day to 3,660 days.
    pub fn keep(self, time: Duration) -> Self {
        Self { keep: time, ..self }
    }
}

impl Default for LoginHistory {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: HistoryStore + Clone> Part<S> for LoginHistory {
    fn name(&self) -> &'static str {
        HISTORY
    }

    fn install(self, builder: &mut EngineBuilder<S>) {
        if !(1..=100).contains(&self.most) {
            builder.add_fault(ConfigError::new("`LoginHistory`: `most` must be from 1 to 100"));
        }
        if !(DAY..=3_660 * DAY).contains(&self.keep.as_secs()) {
            builder.add_fault(ConfigError::new("`LoginHistory`: `keep` must be from one day to 3660 days"));
        }
        let store = builder.engine.store.clone();
        builder.engine.history = Some(Box::new(Kept::new(store, self.most, self.keep)));
    }
}

impl<S: UserStore> Engine<S> {
    /// Keeps a login of a user with its methods, or the reason of a refused one, if the engine has a history. It waits for
    /// nothing.
    pub(crate) fn note_login(&self, user_id: &S::Id, ended: Result<&Amr, FailedLoginReason>, cx: &Context) {
        let Some(history) = &self.history else { return };
        let entry = |outcome| LoginEntry::new(user_id.clone(), self.now(), outcome);
        let entry = match ended {
            Ok(methods) => entry(LoginOutcome::LoggedIn).methods(methods.clone()),
            Err(reason) => entry(LoginOutcome::Refused(reason.as_str().to_owned())),
        };
        let entry = entry.ip(cx.ip).user_agent(cx.user_agent.as_deref());
        let (audit, clock, cx, user) = (self.audit.clone(), self.clock.clone(), cx.clone(), user_id.to_string());
        let lost = move |why: String| {
            audit.record(Event::about(EventKind::LoginHistoryLost, clock.now(), Some(user), Some(why.into()), &cx));
        };
        history.write(entry, Box::new(lost));
    }

    /// What is kept of a user, the latest first.
    ///
    /// # Errors
    /// The errors of the store, and [`Fault::Config`] if the engine has no history.
    pub(crate) async fn login_history(&self, user_id: &S::Id) -> Result<Vec<LoginEntry<S::Id>>, Fault> {
        let missing = || ConfigError::new("the engine has no login history: add the part `LoginHistory`");
        Ok(self.history.as_ref().ok_or_else(missing)?.list(user_id, self.now()).await?)
    }
}
