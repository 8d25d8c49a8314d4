#[allow(clippy::unused_async)]
impl Accounts {}
#[allow(deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::um::__private as __um;
    #[automatically_derived]
    impl __um::UserManager for Accounts
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Store = MemoryStore<Customer>;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store, _>::engine(&self.parts.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new()
                .secret(__um::AsSecret::to_secret(&({ self.secret() })))
                .reset_secret(__um::AsSecret::to_secret(&__UM_RESET_SECRET))
                .verify_secret(__um::AsSecret::to_secret(&(&self.verify_secret)))
                .oauth_secret(__um::AsSecret::to_secret(&(&self.oauth_secret)))
                .data_secret(__um::AsSecret::to_secret(&self.data_secrets()))
                .reset_audience(__um::AsAudience::to_audience(&"shop:reset"))
                .verify_audience(__um::AsAudience::to_audience(&self.audience.as_str()))
                .change_email_audience(__um::AsAudience::to_audience(&"shop:email"))
                .oauth_audience(__um::AsAudience::to_audience(&"shop:oauth"))
                .reset_lifetime(__um::AsLifetime::to_lifetime(&7200u64))
                .verify_lifetime(__um::AsLifetime::to_lifetime(&self.lifetimes().verify))
                .change_email_lifetime(__um::AsLifetime::to_lifetime(&600u64))
                .oauth_lifetime(__um::AsLifetime::to_lifetime(&300u64))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
    }
    const __UM_RESET_SECRET: &::core::primitive::str = env!("RESET_SECRET");
    const _: () = __um::check::secret("reset_secret", __UM_RESET_SECRET);
};
