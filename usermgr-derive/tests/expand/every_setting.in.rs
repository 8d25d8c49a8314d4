#[user_manager(
    verify_lifetime = self.lifetimes().verify,
    reset_lifetime = 7200,
    change_email_audience = "shop:email",
    change_email_lifetime = 600,
    verify_audience = self.audience.as_str(),
    reset_audience = "shop:reset",
    verify_secret = &self.verify_secret,
    oauth_secret = &self.oauth_secret,
    oauth_audience = "shop:oauth",
    oauth_lifetime = 300,
    data_secret = self.data_secrets(),
    reset_secret = env!("RESET_SECRET"),
    secret = { self.secret() },
    store = MemoryStore<Customer>,
    engine = self.parts.engine,
    crate = ::um
)]
impl Accounts {}
