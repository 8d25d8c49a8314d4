// Every hook, with everything it may take.
use usermgr::prelude::*;

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_>,
        _cx: &Context,
    ) -> Result<(), InvalidPassword> {
        usermgr::password::policy(password, subject)
    }
    async fn oauth_profile(&self, _claims: &OAuthClaims, _cx: &Context) -> Result<NoProfile, Rejection> {
        Ok(NoProfile)
    }
    async fn on_before_register(&self, _draft: &mut Draft, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_login(&self, _user: &User, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_update(&self, _user: &User, _changes: &Changes, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_delete(&self, _user: &User, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_link(&self, _user: &User, _claims: &OAuthClaims, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_add_factor(&self, _user: &User, _factor: &FactorInfo, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_create_api_key(&self, _user: &User, _key: &NewApiKey, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_commit(&self, _change: &UserChange<'_>, _tx: &mut Tx<MemoryStore>, _cx: &Context) -> Result<(), Rejection> {
        Ok(())
    }

    async fn on_after_register(&self, _user: &User, _cx: &Context) {}
    async fn on_after_oauth_register(&self, _user: &User, _claims: &OAuthClaims, _cx: &Context) {}
    async fn on_after_duplicate_register(&self, _user: &User, _cx: &Context) {}
    async fn on_after_login(&self, _user: &User, login: &mut Login, _cx: &Context) {
        login.header("x-shop", "open");
    }
    async fn on_after_failed_login(&self, _failed: &FailedLogin, _cx: &Context) {}
    async fn on_after_lockout(&self, _lockout: &Lockout, _cx: &Context) {}
    async fn on_after_impersonate(&self, _user: &User, _session: &SessionInfo, _cx: &Context) {}
    async fn on_after_logout(&self, _user: &User, _session: &SessionInfo, _cx: &Context) {}
    async fn on_after_revoke_session(&self, _user: &User, _session: &SessionInfo, _cx: &Context) {}
    async fn on_after_token_theft(&self, _user: &User, _theft: &TokenTheft, _cx: &Context) {}
    async fn on_after_request_verify(&self, _user: &User, _token: &VerifyToken, _cx: &Context) {}
    async fn on_after_verify(&self, _user: &User, _cx: &Context) {}
    async fn on_after_forgot_password(&self, _user: &User, _token: &ResetToken, _cx: &Context) {}
    async fn on_after_invite(&self, _user: &User, _token: &InvitationToken, _cx: &Context) {}
    async fn on_after_accept_invitation(&self, _user: &User, _cx: &Context) {}
    async fn on_after_request_login(&self, _user: &User, _mail: &LoginMail, _cx: &Context) {}
    async fn on_after_reset_password(&self, _user: &User, _cx: &Context) {}
    async fn on_after_change_password(&self, _user: &User, _cx: &Context) {}
    async fn on_after_request_email_change(
        &self,
        _user: &User,
        _new: &EmailAddress,
        _token: &ChangeEmailToken,
        _cx: &Context,
    ) {
    }
    async fn on_after_change_email(&self, _user: &User, _old: &EmailAddress, _cx: &Context) {}
    async fn on_after_rehash_password(&self, _user: &User, _cx: &Context) {}
    async fn on_after_link(&self, _user: &User, _identity: &Identity, _cx: &Context) {}
    async fn on_after_unlink(&self, _user: &User, _identity: &Identity, _cx: &Context) {}
    async fn on_after_add_factor(&self, _user: &User, _factor: &FactorInfo, _cx: &Context) {}
    async fn on_after_remove_factor(&self, _user: &User, _factor: &FactorInfo, _cx: &Context) {}
    async fn on_after_create_api_key(&self, _user: &User, _key: &ApiKeyInfo, _cx: &Context) {}
    async fn on_after_revoke_api_key(&self, _user: &User, _key: &ApiKeyInfo, _cx: &Context) {}
    async fn on_after_failed_second_factor(&self, _user: &User, _cx: &Context) {}
    async fn on_after_use_recovery_code(&self, _user: &User, _codes: &FactorInfo, _cx: &Context) {}
    async fn on_after_suspicious_passkey(&self, _user: &User, _factor: &FactorInfo, _cx: &Context) {}
    async fn on_after_update(&self, _user: &User, _changes: &Changes, _cx: &Context) {}
    async fn on_after_delete(&self, _user: &User, _cx: &Context) {}
}

pub fn main() {
    Accounts { engine: Engine::new(MemoryStore::new()) }.check().unwrap();
}
