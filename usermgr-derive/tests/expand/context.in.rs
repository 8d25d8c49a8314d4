#[user_manager(secret = self.secret)]
impl Accounts {
    async fn on_after_login(&self, user: &User, login: &mut Login, cx: &Context) -> Result<(), HookError> {
        Ok(self.record(user, login, cx).await?)
    }
    async fn validate_password(&self, password: &Password, subject: &PasswordSubject<'_>) -> Result<(), InvalidPassword> {
        self.policy.check(password, subject)
    }
}
