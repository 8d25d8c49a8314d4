//! The route of the public keys, with which others verify the access tokens of this application.

use std::{sync::Arc, time::Duration};

use ::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    http::{Incoming, Outgoing, Problem, Success, endpoints},
    manager::UserManager,
};

/// How long clients may cache the keys. A new key must be published for this long before it signs.
const KEPT: Duration = Duration::from_secs(300);

endpoints! {
    every_store {
        /// Reads the public keys that verify access tokens. Without key pairs the list is empty.
        public_keys => Route::get("/.well-known/jwks.json", PublicKeys, "keys:jwks")
            .summary("Read the public keys that check access tokens")
            .answers(Success::Keys);
    }
}

async fn public_keys<M: UserManager>(manager: &Arc<M>, _: Incoming) -> Result<Outgoing, Problem> {
    let backends = manager.engine_ref().backends().iter();
    let keys = backends.flat_map(|backend| backend.strategy().public_keys()).fold(Vec::new(), |mut keys, key| {
        // Two backends may sign with the same key set.
        if !keys.contains(&key) {
            keys.push(key);
        }
        keys
    });
    Ok(Outgoing::json(StatusCode::OK, &json!({ "keys": Value::from(keys) }))?.kept_for(KEPT))
}

#[cfg(all(test, feature = "jwt-keys"))]
mod tests;
