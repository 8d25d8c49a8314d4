// The password policy returns another error.
// Remedy: return `Result<(), InvalidPassword>`
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn validate_password(&self, _: &Password, _: &PasswordSubject<'_>) -> Result<(), Rejection> {
        Ok(())
    }
}

fn main() {}
