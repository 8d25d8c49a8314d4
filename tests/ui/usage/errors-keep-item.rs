// The rest of the program uses a manager with mistakes.
// Remedy: only the mistakes themselves are reported
use usermgr::prelude::*;

pub struct Accounts {
    engine: Engine,
}

#[user_manager(reset_secrt = self.secret(), verify_audience = "")]
impl Accounts {
    /// A helper.
    pub fn secret(&self) -> String {
        "0123456789abcdef".repeat(2)
    }

    /// A hook that is well written.
    pub async fn on_after_verify(&self, user: &User) {
        println!("{} is verified", user.email);
    }

    /// A hook that is not.
    pub fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}

fn needs<T: UserManager>(_: &T) {}

/// Everything of the block is used, and nothing of it is reported again.
pub async fn rest_of_the_program(accounts: &Accounts, user: &User, cx: &Context) -> Result<(), HookError> {
    needs(accounts);
    println!("{}", accounts.secret());
    accounts.on_after_verify(user).await;
    accounts.on_after_register(user);
    accounts.request_verify(user, cx).await?;
    Ok(())
}

fn main() {}
