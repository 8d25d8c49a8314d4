// A manager may have lifetimes; it is one where they are static.
use usermgr::prelude::*;

struct Accounts<'a, T: ?Sized> {
    engine: Engine<MemoryStore>,
    name: &'a T,
}

#[user_manager(store = MemoryStore, reset_secret = self.name.as_ref())]
impl<'a, T> Accounts<'a, T>
where
    T: AsRef<str> + Send + Sync + ?Sized + 'static,
{
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered with {}", user.email, self.name.as_ref());
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()), name: "0123456789abcdef0123456789abcdef" }.check().unwrap();
}
