#[allow(clippy::unused_async)]
impl Accounts {
    async fn on_before_delete(&self, user: &um::User) -> Result<(), um::Rejection> {
        Err(um::Rejection::new("NO"))
    }
}
#[allow(dead_code, deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::um as __usermgr;
    use __usermgr::__private;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__private::async_trait]
    impl __usermgr::UserManager for Accounts {
        type Store = __private::DefaultStore;
        fn engine_ref(&self) -> &__usermgr::Engine<Self::Store> {
            __private::EngineOf::<Self::Store>::engine(&self.engine)
        }
        fn settings(&self) -> __usermgr::Settings {
            __usermgr::Settings::new()
                .reset_secret(__private::AsSecret::to_secret(&SECRET))
                .verify_lifetime(__private::AsLifetime::to_lifetime(&HOUR))
        }
        async fn on_before_delete(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::Rejection> {
            let user = <&um::User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_before_delete(self, user).await;
            <Result<(), um::Rejection> as __private::GateOutcome>::into_outcome(outcome)
        }
    }
    const _: () = __private::check::secret("reset_secret", SECRET);
    const _: () = {
        struct __Lifetime<T>(T);
        impl __Lifetime<::core::primitive::u64> {
            const fn seconds(self) -> ::core::primitive::u64 {
                self.0
            }
        }
        impl __Lifetime<::core::time::Duration> {
            const fn seconds(self) -> ::core::primitive::u64 {
                self.0.as_secs()
            }
        }
        __private::check::lifetime("verify_lifetime", __Lifetime(HOUR).seconds())
    };
};
