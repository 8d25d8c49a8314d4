// The password policy is misspelled.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn validate_pasword(&self, _: &Password, _: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        Ok(())
    }
}

fn main() {}
