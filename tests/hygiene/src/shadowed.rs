//! Names that the macros could have meant are taken by others.

use um::prelude::{Context, Engine, MemoryStore, User, user_manager};

pub mod core {
    //! Not the core.
}
pub mod std {
    //! Not the standard library.
}
pub mod usermgr {
    //! Not this library.
}

macro_rules! taken {
    ($($name:ident)*) => {$(
        /// Taken.
        #[derive(Debug)]
        pub struct $name;
    )*};
}

taken!(Box Result Option String Settings HookError HookArg Send Sync Some Ok None Duration Given);

/// Not the trait.
pub trait UserManager {}
/// Not the trait.
pub trait AsSecret {}

/// The accounts of a shop.
#[derive(Debug)]
pub struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(crate = ::um, store = MemoryStore, reset_secret = crate::SECRET, verify_lifetime = 60 * 60)]
impl Accounts {
    async fn on_after_register(&self, user: &User, cx: &Context) {
        println!("{} has registered from {:?}", user.email, cx.ip);
    }
}
