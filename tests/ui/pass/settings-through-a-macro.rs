// Settings that use `self` come through a macro, as tokens.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
    key: String,
}

macro_rules! manager {
    ($type:ident, $($settings:tt)*) => {
        #[user_manager(store = MemoryStore, $($settings)*)]
        impl $type {}
    };
}

manager!(Accounts, secret = self.key, engine = self.engine);

pub fn main() {
    let key = "0123456789abcdef0123456789abcdef".to_owned();
    Accounts { engine: Engine::new(MemoryStore::new()), key }.check().unwrap();
}
