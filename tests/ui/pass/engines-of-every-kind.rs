// The engine is held in every way.
use std::sync::Arc;

use usermgr::prelude::*;

struct Shared {
    engine: Arc<Engine<MemoryStore>>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Shared {}

struct Boxed {
    engine: Box<Engine<MemoryStore>>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Boxed {}

struct Borrowed {
    engine: &'static Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Borrowed {}

struct Parts {
    plain: Engine<MemoryStore>,
    shared: Arc<Engine<MemoryStore>>,
}

impl Parts {
    fn plain(&self) -> &Engine<MemoryStore> {
        &self.plain
    }

    fn shared(&self) -> &Arc<Engine<MemoryStore>> {
        &self.shared
    }
}

struct Plain(Parts);

#[user_manager(store = MemoryStore, engine = &self.0.plain, secret = "0123456789abcdef0123456789abcdef")]
impl Plain {}

struct Called(Parts);

#[user_manager(store = MemoryStore, engine = self.0.plain(), secret = "0123456789abcdef0123456789abcdef")]
impl Called {}

struct CalledShared(Parts);

#[user_manager(store = MemoryStore, engine = self.0.shared(), secret = "0123456789abcdef0123456789abcdef")]
impl CalledShared {}

pub fn main() {
    let engine = || Engine::new(MemoryStore::new());
    let shared = Arc::new(engine());
    let parts = || Parts { plain: engine(), shared: shared.clone() };
    Shared { engine: shared.clone() }.check().unwrap();
    Boxed { engine: Box::new(engine()) }.check().unwrap();
    Borrowed { engine: Box::leak(Box::new(engine())) }.check().unwrap();
    Plain(parts()).check().unwrap();
    Called(parts()).check().unwrap();
    CalledShared(parts()).check().unwrap();
}
