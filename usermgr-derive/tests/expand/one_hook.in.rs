#[user_manager(reset_secret = self.config.secret, verify_audience = "shop:verify")]
impl Accounts {
    async fn on_after_register(&self, user: &User) {
        println!("{} has registered", user.email);
    }
}
