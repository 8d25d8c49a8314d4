// The hook `oauth_profile` returns nothing.
use usermgr::{prelude::*, user::OAuthClaims};

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn oauth_profile(&self, _: &OAuthClaims) {}
}

fn main() {}
