#[allow(clippy::unused_async)]
impl<S: UserStore<Profile = NoProfile>, M: Mailer, const N: usize> Accounts<S, M, N>
where
    S::Id: Copy,
{
    async fn on_after_register(
        &self,
        user: &User<NoProfile, S::Id>,
        cx: &Context,
    ) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
}
#[allow(dead_code, deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr::__private as __um;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__um::async_trait]
    impl<S: UserStore<Profile = NoProfile>, M: Mailer, const N: usize> __um::UserManager
    for Accounts<S, M, N>
    where
        S::Id: Copy,
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Store = S;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store>::engine(&self.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new()
                .reset_secret(__um::AsSecret::to_secret(&M::SECRET))
                .verify_secret(__um::AsSecret::to_secret(&S::SECRET))
        }
        async fn on_after_register(
            &self,
            user: &__um::UserOf<Self::Store>,
            cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User<
                NoProfile,
                S::Id,
            > as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let cx = <&Context as __um::HookArg<&__um::Context>>::of(cx);
            let outcome = Self::on_after_register(self, user, cx).await;
            <Result<(), HookError> as __um::AfterOutcome>::of(outcome)
        }
    }
};
