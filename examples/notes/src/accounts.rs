//! The users: their profile, the hooks of their manager, and the mails that they get.

use serde::{Deserialize, Serialize};
use usermgr::error::HookFuture;
use usermgr::mail::{Message, Messenger};
use usermgr::prelude::*;

/// What the application knows of a member beside the address.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub struct Member {
    /// How others call them.
    pub name: String,
    /// How many notes they may keep. No request sets it.
    #[profile(server)]
    pub quota: u32,
    /// The code they register with. It is sent, and neither stored nor shown.
    #[profile(transient)]
    #[serde(default, skip_serializing)]
    pub invitation: Option<String>,
}

/// Where users are stored.
pub type Store = SqliteStore<Member>;

/// The user manager.
pub struct Accounts {
    /// The store and everything operational.
    pub engine: Engine<Store>,
    /// What tokens are signed with.
    pub secret: Secret,
}

#[user_manager(store = Store, secret = self.secret)]
impl Accounts {
    async fn on_before_register(&self, draft: &mut Draft<Member>) -> Result<(), Rejection> {
        draft.profile.quota = 100;
        Ok(())
    }

    /// The account is written and the invitation is used in one transaction: both happen, or neither.
    async fn on_before_commit(&self, change: &UserChange<'_, Member>, tx: &mut Tx) -> Result<(), HookError> {
        let UserChange::Registered(user) = change else { return Ok(()) };
        let used = sqlx::query("UPDATE invitations SET used_by = ? WHERE code = ? AND used_by IS NULL");
        let used = used.bind(user.id).bind(&user.profile.invitation).execute(&mut **tx).await?;
        // Only the command makes superusers, and they need no invitation.
        if used.rows_affected() == 0 && !user.is_superuser {
            Err(Rejection::new("INVITATION_INVALID").reason("ask for another one"))?;
        }
        Ok(())
    }
}

/// The library's messages as mails. Their links lead to pages of the front end, which post the token.
pub(crate) struct Mails<M>(pub(crate) M);

impl<S: UserStore, M: Mailer> Messenger<S> for Mails<M> {
    fn send<'a>(&'a self, message: Message<'a, S>, _: &'a Context) -> HookFuture<'a, HookError> {
        let link = |page, token| format!("https://notes.example/{page}#{token}");
        let (subject, text) = match &message {
            Message::Verify { token, .. } => ("Your address", link("verify", token.expose())),
            Message::Reset { token, .. } => ("A new password", link("reset", token.expose())),
            Message::ChangeEmail { token, .. } => ("Your new address", link("address", token.expose())),
            Message::AlreadyRegistered { .. } => ("You have an account", link("login", "")),
            _ => ("Your account has changed", "Was it not you? Reset your password.".into()),
        };
        let mail = Mail::to(message.recipient()).subject(subject).text(text);
        Box::pin(async move { Ok(self.0.send(mail).await?) })
    }
}
