//! Finds the owner of a token.

use crate::{error::Fault, manager::UserManager, session::Principal};

/// Returns the principal of a token for the backend of this name, unless the token is invalid.
pub(crate) async fn identify<M: UserManager + ?Sized>(
    manager: &M,
    backend: &str,
    token: &str,
) -> Result<Option<Principal<M::Store>>, Fault> {
    let engine = manager.engine_ref();
    let Some(backend) = engine.backend(backend) else {
        return Ok(None);
    };
    let configured = engine.configured(|| manager.settings())?;
    let read = backend.strategy().read(&engine.strategy_context(backend, &configured), token).await?;
    Ok(read.map(|mut principal| {
        principal.session.stamp = Some(principal.stamp);
        principal
    }))
}
