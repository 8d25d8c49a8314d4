#[allow(clippy::unused_async)]
impl Accounts {
    async fn on_before_delete(&self, user: &um::User) -> Result<(), um::Rejection> {
        Err(um::Rejection::new("NO"))
    }
}
#[allow(dead_code, deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::um::__private as __um;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__um::async_trait]
    impl __um::UserManager for Accounts
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Store = __um::DefaultStore;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store>::engine(&self.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new()
                .reset_secret(__um::AsSecret::to_secret(&SECRET))
                .verify_lifetime(__um::AsLifetime::to_lifetime(&HOUR))
        }
        async fn on_before_delete(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::GateResult {
            let user = <&um::User as __um::HookArg<
                &__um::UserOf<Self::Store>,
            >>::of(user);
            let outcome = Self::on_before_delete(self, user).await;
            <Result<(), um::Rejection> as __um::GateOutcome>::of(outcome)
        }
    }
    const _: () = __um::check::secret("reset_secret", __um::check::Given(SECRET).text());
    const _: () = __um::check::lifetime(
        "verify_lifetime",
        __um::check::Given(HOUR).seconds(),
    );
};
