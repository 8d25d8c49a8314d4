// Without a setting the store is SQLite.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, _: &User) {}
}

pub fn main() {
    fn needs<T: UserManager<Store = SqliteStore>>() {}
    needs::<Accounts>();
    let _ = |engine| Accounts { engine };
}
