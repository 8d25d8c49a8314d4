#[allow(clippy::unused_async)]
impl Accounts {}
#[allow(dead_code, deprecated, unused_imports, unused_qualifications)]
const _: () = {
    use ::um as __usermgr;
    use __usermgr::__private;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__private::async_trait]
    impl __usermgr::UserManager for Accounts {
        type Store = MemoryStore<Customer>;
        fn engine_ref(&self) -> &__usermgr::Engine<Self::Store> {
            __private::EngineOf::<Self::Store>::engine(&self.parts.engine)
        }
        fn settings(&self) -> __usermgr::Settings {
            __usermgr::Settings::new()
                .secret(__private::AsSecret::to_secret(&({ self.secret() })))
                .reset_secret(__private::AsSecret::to_secret(&env!("RESET_SECRET")))
                .verify_secret(__private::AsSecret::to_secret(&(&self.verify_secret)))
                .reset_audience(__private::AsAudience::to_audience(&"shop:reset"))
                .verify_audience(
                    __private::AsAudience::to_audience(&self.audience.as_str()),
                )
                .reset_lifetime(__private::AsLifetime::to_lifetime(&7200u64))
                .verify_lifetime(
                    __private::AsLifetime::to_lifetime(&self.lifetimes().verify),
                )
        }
    }
    const _: () = __private::check::secret("reset_secret", env!("RESET_SECRET"));
};
