#[allow(clippy::unused_async)]
impl Accounts {
    async fn on_after_verify(&self, user: &User) {}
    async fn on_after_verify(&self, user: &User) {}
}
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
            __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&self.secret))
        }
        async fn on_after_verify(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_verify(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
    }
};
