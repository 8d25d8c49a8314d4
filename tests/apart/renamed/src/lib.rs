//! Everything that the macros write, under another name of the crate.

use serde::{Deserialize, Serialize};
use um::prelude::*;

/// A profile whose payload types name the crate too.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate = ::um)]
pub struct Customer {
    /// Sent by the client.
    pub name: String,
    /// Absent, null or a text.
    pub nickname: Option<String>,
    /// Set by the server.
    #[profile(server)]
    pub credits: u32,
}

/// A manager with a hook of each kind and every setting.
pub struct Accounts {
    /// Its engine.
    pub plumbing: Engine<MemoryStore<Customer>>,
    secret: String,
}

impl Accounts {
    /// A manager over an empty store.
    pub fn new() -> Self {
        let cheap = um::password::Argon2Params::dangerous(64, 1, 1).unwrap();
        let plumbing = Engine::builder(MemoryStore::default())
            .backend(Backend::bearer("app", Database::new()))
            .hasher(um::password::Argon2id::new(cheap))
            .build().unwrap();
        Self { plumbing, secret: "only-for-tests-0123456789abcdef-x".into() }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new()
    }
}

#[user_manager(
    crate = ::um,
    store = MemoryStore<Customer>,
    engine = self.plumbing,
    secret = self.secret,
    reset_secret = Secret::new("another-for-tests-0123456789abcde"),
    verify_audience = "shop:verify",
    reset_lifetime = 600,
)]
impl Accounts {
    async fn validate_password(
        &self,
        password: &Password,
        _: &PasswordSubject<'_, Customer>,
    ) -> Result<(), InvalidPassword> {
        match password.expose().len() {
            0..12 => Err(InvalidPassword::new("twelve, please")),
            _ => Ok(()),
        }
    }

    async fn on_before_register(&self, draft: &mut Draft<Customer>) -> Result<(), Rejection> {
        match draft.profile.name.as_str() {
            "" => Err(Rejection::new("NAME_REQUIRED")),
            _ => Ok(()),
        }
    }

    async fn on_after_register(&self, user: &User<Customer>, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
}
