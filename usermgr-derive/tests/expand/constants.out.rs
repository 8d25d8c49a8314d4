#[allow(clippy::unused_async)]
impl Accounts {}
#[allow(deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr::__private as __um;
    #[automatically_derived]
    impl __um::UserManager for Accounts
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Store = __um::DefaultStore;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store, _>::engine(&self.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new()
                .reset_secret(__um::AsSecret::to_secret(&config::SECRET))
                .verify_audience(__um::AsAudience::to_audience(&AUDIENCE))
                .reset_lifetime(__um::AsLifetime::to_lifetime(&HOUR))
                .verify_lifetime(__um::AsLifetime::to_lifetime(&(24 * 60 * 60)))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
    }
    const _: () = __um::check::secret(
        "reset_secret",
        __um::check::of(&|| __um::AsSecret::mark(&config::SECRET)).text(config::SECRET),
    );
    const _: () = __um::check::audience(
        "verify_audience",
        __um::check::of(&|| __um::AsAudience::mark(&AUDIENCE)).text(AUDIENCE),
    );
    const _: () = __um::check::lifetime(
        "reset_lifetime",
        __um::check::of(&|| __um::AsLifetime::mark(&HOUR)).seconds(HOUR),
    );
    const _: () = __um::check::lifetime("verify_lifetime", 24 * 60 * 60);
    const _: () = __um::check::distinct(
        __um::check::of(&|| __um::AsAudience::mark(&AUDIENCE)).text(AUDIENCE),
        "usermgr:reset",
        "`verify_audience` and `reset_audience` are the same\n= help: use a different audience for each kind of token\n= note: the audience keeps a token made for one purpose from being accepted for another\n= note: `reset_audience` defaults to `\"usermgr:reset\"`",
    );
    const _: () = __um::check::distinct(
        __um::check::of(&|| __um::AsAudience::mark(&AUDIENCE)).text(AUDIENCE),
        "usermgr:change_email",
        "`verify_audience` and `change_email_audience` are the same\n= help: use a different audience for each kind of token\n= note: the audience keeps a token made for one purpose from being accepted for another\n= note: `change_email_audience` defaults to `\"usermgr:change_email\"`",
    );
    const _: () = __um::check::distinct(
        __um::check::of(&|| __um::AsAudience::mark(&AUDIENCE)).text(AUDIENCE),
        "usermgr:oauth",
        "`verify_audience` and `oauth_audience` are the same\n= help: use a different audience for each kind of token\n= note: the audience keeps a token made for one purpose from being accepted for another\n= note: `oauth_audience` defaults to `\"usermgr:oauth\"`",
    );
};
