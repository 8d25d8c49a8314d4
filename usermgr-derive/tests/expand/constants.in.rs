#[user_manager(reset_secret = config::SECRET, verify_audience = AUDIENCE, reset_lifetime = HOUR, verify_lifetime = 24 * 60 * 60)]
impl Accounts {}
