//! What a part of an engine does about credentials that a change has deleted.

use jiff::Timestamp;

use crate::{
    background::Background,
    seal::SealKeys,
    store::{Credential, UserStore},
};

/// Learns which credentials a change has deleted: those of an account that was deleted or taken over, and one that the
/// user has removed.
pub(crate) trait OnDeleted<S>: Send + Sync {
    /// Called after the commit, with rows as they were before it. Nothing can fail any more: what takes time goes into
    /// the background, and what goes wrong there is logged.
    fn deleted(&self, rows: &[Credential<S::Id>], keys: &SealKeys, background: &Background, now: Timestamp)
    where
        S: UserStore;
}
