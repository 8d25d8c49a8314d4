#[user_manager(reset_secret = self.secret)]
impl Accounts {
    async fn on_after_verify(&self, user: &User) {}
    async fn on_after_verify(&self, user: &User) {}
}
