#[user_manager(reset_secret = self.secret)]
impl Accounts {
    async fn validate_password(&self, password: &Password, subject: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        Ok(())
    }
    async fn oauth_profile(&self, claims: &OAuthClaims) -> Result<NoProfile, Rejection> {
        Ok(NoProfile)
    }
    async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_update(&self, user: &User, changes: &Changes) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_delete(&self, user: &User) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_link(&self, user: &User, claims: &OAuthClaims) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_add_factor(&self, user: &User, factor: &FactorInfo) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_create_api_key(&self, user: &User, key: &NewApiKey) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_commit(&self, change: &UserChange<'_>, tx: &mut Tx) -> Result<(), HookError> {
        Ok(())
    }
    async fn on_after_register(&self, user: &User) {}
    async fn on_after_oauth_register(&self, user: &User, claims: &OAuthClaims) {}
    async fn on_after_duplicate_register(&self, user: &User) {}
    async fn on_after_login(&self, user: &User, login: &mut Login) {}
    async fn on_after_failed_login(&self, failed: &FailedLogin) {}
    async fn on_after_lockout(&self, lockout: &Lockout) {}
    async fn on_after_impersonate(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_logout(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_revoke_session(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_token_theft(&self, user: &User, theft: &TokenTheft) {}
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {}
    async fn on_after_verify(&self, user: &User) {}
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {}
    async fn on_after_invite(&self, user: &User, token: &InvitationToken) {}
    async fn on_after_accept_invitation(&self, user: &User) {}
    async fn on_after_reset_password(&self, user: &User) {}
    async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {}
    async fn on_after_change_password(&self, user: &User) {}
    async fn on_after_request_email_change(&self, user: &User, new: &EmailAddress, token: &ChangeEmailToken) {}
    async fn on_after_change_email(&self, user: &User, old: &EmailAddress) {}
    async fn on_after_rehash_password(&self, user: &User) {}
    async fn on_after_link(&self, user: &User, identity: &Identity) {}
    async fn on_after_unlink(&self, user: &User, identity: &Identity) {}
    async fn on_after_add_factor(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_remove_factor(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_create_api_key(&self, user: &User, key: &ApiKeyInfo) {}
    async fn on_after_revoke_api_key(&self, user: &User, key: &ApiKeyInfo) {}
    async fn on_after_failed_second_factor(&self, user: &User) {}
    async fn on_after_use_recovery_code(&self, user: &User, codes: &FactorInfo) {}
    async fn on_after_suspicious_passkey(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_update(&self, user: &User, changes: &Changes) {}
    async fn on_after_delete(&self, user: &User) {}
}
