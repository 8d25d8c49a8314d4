// A part of the engine needs credentials, but the store keeps none.
// Remedy: use a store of the library, or keep credentials in the store
use std::sync::Mutex;
use usermgr::{store::{CredentialStore, Lookup, RecordOf}, engine::{EngineBuilder, Part}, user::NewRecord, StoreError, prelude::*};

struct Notebook {
    rows: Mutex<Vec<RecordOf<Self>>>,
}

impl UserStore for Notebook {
    type Profile = NoProfile;
    type Id = i64;
    type Tx = ();

    async fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }
    async fn commit(&self, (): ()) -> Result<(), StoreError> {
        Ok(())
    }
    async fn find(&self, _: Lookup<'_, i64>) -> Result<Option<RecordOf<Self>>, StoreError> {
        Ok(None)
    }
    async fn insert(&self, (): &mut (), _: &NewRecord<NoProfile>) -> Result<i64, StoreError> {
        Err(StoreError::Conflict)
    }
    async fn update(&self, (): &mut (), _: &RecordOf<Self>) -> Result<(), StoreError> {
        Err(StoreError::Stale)
    }
    async fn delete(&self, (): &mut (), _: &i64) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn find_locked(&self, (): &mut (), _: [&i64; 2]) -> Result<Vec<RecordOf<Self>>, StoreError> {
        Ok(Vec::new())
    }
    async fn use_once(&self, (): &mut (), _: &str, _: jiff::Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn purge_expired(&self, _: jiff::Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn lock_and_count_superusers(&self, (): &mut ()) -> Result<u64, StoreError> {
        Ok(0)
    }
}

struct Badges;

impl<S: CredentialStore> Part<S> for Badges {
    fn name(&self) -> &'static str {
        "shop:badge"
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.keep_credentials();
    }
}

fn engine(store: Notebook) -> Result<Engine<Notebook>, usermgr::ConfigError> {
    Engine::builder(store).backend(Backend::bearer("jwt", Jwt::new())).with(Badges).build()
}

fn main() {}
