//! Revokes the tokens of credentials that a change has deleted, in the background.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::{remote::Remote, tokens::Kept};
use crate::{
    background::Background,
    engine::OnDeleted,
    seal::SealKeys,
    store::{Credential, UserStore},
};

/// How many revocations are under way at a time, so that those of a provider that is down leave room in the background.
const MOST_UNDER_WAY: usize = 64;

/// Revokes tokens at their providers.
pub(super) struct Revoker {
    remotes: Vec<Arc<Remote>>,
    under_way: Arc<Semaphore>,
}

impl Revoker {
    pub(super) fn new(remotes: Vec<Arc<Remote>>) -> Self {
        Self { remotes, under_way: Arc::new(Semaphore::new(MOST_UNDER_WAY)) }
    }
}

impl<S> OnDeleted<S> for Revoker {
    fn deleted(&self, rows: &[Credential<S::Id>], keys: &SealKeys, background: &Background, now: Timestamp)
    where
        S: UserStore,
    {
        let mut ended = Vec::new();
        for row in rows.iter().filter(|row| row.kind == Kept::KIND) {
            match Kept::open(keys, row) {
                Ok(Kept { provider, tokens: Some(tokens), .. }) => {
                    let remote = self.remotes.iter().find(|remote| remote.provider.name() == provider);
                    ended.extend(remote.map(|remote| (remote.clone(), tokens)));
                }
                Ok(Kept { tokens: None, .. }) => {}
                Err(error) => {
                    tracing::warn!(target: "usermgr", row = %row.id, %error, "deleted tokens could not be revoked");
                }
            }
        }
        if ended.is_empty() {
            return;
        }
        let place = self.under_way.clone().try_acquire_owned().ok().zip(background.reserve().ok());
        let Some((place, slot)) = place else {
            tracing::warn!(target: "usermgr", "deleted tokens were not revoked, because too many others are");
            return;
        };
        slot.spawn(async move {
            for (remote, tokens) in ended {
                remote.revoke(&tokens, now).await;
            }
            drop(place);
        });
    }
}
