#[user_manager(reset_secret = self.secret)]
/// The accounts of the shop.
#[allow(dead_code)]
impl Accounts {
    /// Says hello.
    pub(crate) async fn on_after_register(&self, User { email, .. }: &User) {
        println!("hello {email}");
    }
    /// How many there may be.
    pub const LIMIT: usize = 10;
}
