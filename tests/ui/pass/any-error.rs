// Hooks return any error, and `?` takes any.
use std::error::Error;

use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

fn send(to: &str) -> anyhow::Result<()> {
    anyhow::ensure!(to.contains('@'), "no address");
    Ok(())
}

fn render(name: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    Ok(name.parse::<u8>()?.to_string())
}

#[user_manager(store = MemoryStore, secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn on_before_commit(&self, change: &UserChange<'_>, _: &mut Tx<MemoryStore>) -> anyhow::Result<()> {
        send(change.user().email.as_str())
    }

    async fn on_after_register(&self, user: &User) -> Result<(), HookError> {
        send(user.email.as_str())?;
        render("7")?;
        Err("nothing to say")?
    }

    async fn on_after_verify(&self, user: &User, cx: &Context) -> anyhow::Result<()> {
        self.request_verify(user, cx).await?;
        send(user.email.as_str())
    }

    async fn on_after_login(&self, _: &User, _: &mut Login) -> Result<(), Box<dyn Error + Send + Sync>> {
        render("x").map(drop)
    }

    async fn on_after_update(&self, _: &User, _: &Changes) -> Result<(), String> {
        Err("no".to_owned())
    }

    async fn on_after_delete(&self, _: &User) -> Result<(), std::num::ParseIntError> {
        "x".parse::<u8>().map(drop)
    }
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
