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
#[allow(dead_code, deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr as __usermgr;
    use __usermgr::__private;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__private::async_trait]
    impl<
        S: UserStore<Profile = NoProfile>,
        M: Mailer,
        const N: usize,
    > __usermgr::UserManager for Accounts<S, M, N>
    where
        S::Id: Copy,
    {
        type Store = S;
        fn engine_ref(&self) -> &__usermgr::Engine<Self::Store> {
            __private::EngineOf::<Self::Store>::engine(&self.engine)
        }
        fn settings(&self) -> __usermgr::Settings {
            __usermgr::Settings::new()
                .reset_secret(__private::AsSecret::to_secret(&M::SECRET))
                .verify_secret(__private::AsSecret::to_secret(&S::SECRET))
        }
        async fn on_after_register(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User<
                NoProfile,
                S::Id,
            > as __private::HookArg<&__usermgr::UserOf<Self::Store>>>::from_hook(user);
            let cx = <&Context as __private::HookArg<
                &__usermgr::Context,
            >>::from_hook(cx);
            let outcome = Self::on_after_register(self, user, cx).await;
            <Result<(), HookError> as __private::AfterOutcome>::into_outcome(outcome)
        }
    }
};
