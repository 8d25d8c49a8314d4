// The hook `oauth_profile` makes another profile than the store has.
// Remedy: return the profile of the store
use usermgr::{prelude::*, user::OAuthClaims};

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn oauth_profile(&self, _: &OAuthClaims) -> Result<String, Rejection> {
        Ok("Ada".to_owned())
    }
}

fn main() {}
