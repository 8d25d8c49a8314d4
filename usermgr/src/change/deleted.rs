//! The credentials that a change deletes, if a part of the engine has to learn of them.

use crate::{
    engine::Engine,
    seal::SealKeys,
    store::{Credential, StoreError, UserStore},
};

/// Credentials that a change is about to delete.
pub(crate) struct Deleting<S: UserStore>(pub(crate) Vec<Credential<S::Id>>);

impl<S: UserStore> Deleting<S> {
    /// Reads the credentials of a user, if a part of the engine asks for it. It happens before the transaction, because a
    /// read beside it would wait for a second connection. What is written in between is not in it.
    pub(crate) async fn of(engine: &Engine<S>, user_id: &S::Id) -> Result<Self, StoreError> {
        match engine.credentials().filter(|_| engine.on_deleted().is_some()) {
            Some(credentials) => Ok(Self(credentials.of_user(engine.store(), user_id, engine.now()).await?)),
            None => Ok(Self(Vec::new())),
        }
    }

    /// Tells the part, after the commit.
    pub(crate) fn done(&self, engine: &Engine<S>, keys: &SealKeys) {
        if let Some(part) = engine.on_deleted() {
            part.deleted(&self.0, keys, engine.background(), engine.now());
        }
    }
}
