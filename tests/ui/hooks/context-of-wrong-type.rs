// The last parameter is not the context.
// Remedy: take `cx: &Context`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_after_register(&self, user: &User, ip: std::net::IpAddr) {
        println!("{} has registered from {ip}", user.email);
    }
}

fn main() {}
