#[user_manager(reset_secret = self.secret)]
impl Accounts {
    #[helper]
    fn update(&self) {}
    #[inline]
    #[helper]
    async fn on_the_side(&self) {}
    fn new(secret: String) -> Self {
        Self { secret }
    }
}
