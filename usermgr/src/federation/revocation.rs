//! Revokes the tokens of credentials that a change has deleted, in the background.

use std::sync::Arc;

use jiff::Timestamp;

use super::{remote::Remote, tokens::Kept};
use crate::{
    background::Background,
    engine::OnDeleted,
    seal::SealKeys,
    store::{Credential, UserStore},
};

/// The providers at which tokens are revoked.
pub(super) struct Revoker(pub(super) Vec<Arc<Remote>>);

impl<S> OnDeleted<S> for Revoker {
    fn deleted(&self, rows: &[Credential<S::Id>], keys: &SealKeys, background: &Background, now: Timestamp)
    where
        S: UserStore,
    {
        let mut ended = Vec::new();
        for row in rows.iter().filter(|row| row.kind == Kept::KIND) {
            match Kept::open(keys, row) {
                Ok(Kept { provider, tokens: Some(tokens), .. }) => {
                    let remote = self.0.iter().find(|remote| remote.provider.name() == provider);
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
        match background.reserve() {
            Ok(slot) => slot.spawn(async move {
                for (remote, tokens) in ended {
                    remote.revoke(&tokens, now).await;
                }
            }),
            Err(error) => tracing::warn!(target: "usermgr", %error, "deleted tokens were not revoked"),
        }
    }
}
