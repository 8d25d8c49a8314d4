#[allow(clippy::unused_async)]
impl Accounts {}
#[allow(dead_code, deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr as __usermgr;
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
                .reset_secret(__private::AsSecret::to_secret(&config::SECRET))
                .verify_audience(__private::AsAudience::to_audience(&AUDIENCE))
                .reset_lifetime(__private::AsLifetime::to_lifetime(&HOUR))
                .verify_lifetime(__private::AsLifetime::to_lifetime(&(24 * 60 * 60)))
        }
    }
    const _: () = __private::check::secret("reset_secret", config::SECRET);
    const _: () = __private::check::audience("verify_audience", AUDIENCE);
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
        __private::check::lifetime("reset_lifetime", __Lifetime(HOUR).seconds())
    };
    const _: () = __private::check::lifetime("verify_lifetime", 24 * 60 * 60);
};
