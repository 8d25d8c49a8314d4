#[user_manager(reset_secret = SECRET, verify_lifetime = HOUR, crate = ::um)]
impl Accounts {
    async fn on_before_delete(&self, user: &um::User) -> Result<(), um::Rejection> {
        Err(um::Rejection::new("NO"))
    }
}
