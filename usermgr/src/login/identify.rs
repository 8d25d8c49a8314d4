//! Finds the owner of a token.

use crate::{change::right::acts, error::Fault, manager::UserManager, session::Principal};

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
    let Some(mut principal) = read else { return Ok(None) };
    principal.session.stamp = Some(principal.stamp);
    if principal.session.actor.is_some() {
        // It ends with the session of the administrator, which the cache does not know.
        principal.cacheable_until = None;
        let may_act = acts(engine, &principal.user().id, &principal.session);
        if !Box::pin(may_act).await? {
            return Ok(None);
        }
    }
    Ok(Some(principal))
}
