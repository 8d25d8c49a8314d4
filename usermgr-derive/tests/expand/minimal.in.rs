#[user_manager(reset_secret = "0123456789abcdef0123456789abcdef")]
impl Accounts {}
