#[allow(clippy::unused_async)]
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
#[cfg(feature = "accounts")]
#[allow(dead_code, deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr::__private as __um;
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
            __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&SECRET))
        }
        #[cfg(feature = "mail")]
        async fn on_after_register(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_register(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        #[cfg(not(feature = "mail"))]
        async fn on_after_register(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_register(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
    }
    const _: () = __um::check::secret("reset_secret", __um::check::Given(SECRET).text());
};
