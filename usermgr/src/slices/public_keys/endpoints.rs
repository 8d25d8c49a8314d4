//! The route of the public keys, by which others check the access tokens of this application.

use std::{sync::Arc, time::Duration};

use ::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    http::{Incoming, Outgoing, Problem, Success, endpoints},
    manager::UserManager,
};

/// How long others may keep the keys: so long before it signs a new key must be published.
const KEPT: Duration = Duration::from_secs(300);

endpoints! {
    every_store {
        /// Reading the public keys that check access tokens (feature `jwt-keys`).
        public_keys => Route::get("/.well-known/jwks.json", PublicKeys, "keys:jwks")
            .summary("Read the public keys that check access tokens")
            .answers(Success::Keys);
    }
}

async fn public_keys<M: UserManager>(manager: &Arc<M>, _: Incoming) -> Result<Outgoing, Problem> {
    let backends = manager.engine_ref().backends().iter();
    let keys = backends.flat_map(|backend| backend.strategy().public_keys()).fold(Vec::new(), |mut keys, key| {
        // Two backends may sign with one set.
        if !keys.contains(&key) {
            keys.push(key);
        }
        keys
    });
    Ok(Outgoing::json(StatusCode::OK, &json!({ "keys": Value::from(keys) }))?.kept_for(KEPT))
}

#[cfg(test)]
mod tests;
