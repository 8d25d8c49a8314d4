#[user_manager(reset_secret = SECRET)]
#[cfg(feature = "accounts")]
impl Accounts {
    #[cfg(feature = "mail")]
    #[tracing::instrument]
    async fn on_after_register(&self, user: &User) {
        self.mail.welcome(user).await;
    }
    #[cfg(not(feature = "mail"))]
    async fn on_after_register(&self, _: &User) {}
}
