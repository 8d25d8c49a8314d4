//! API keys: secrets with which the programs of a user call the application, and nothing of the library. See
//! [the guide](crate::guide::api_keys).

pub use crate::{
    api_key::{ApiKey, CreatedApiKey, NewApiKey},
    slices::{ApiKeyError, ApiKeys, index::ApiKeyring},
    store::ApiKeyInfo,
};
