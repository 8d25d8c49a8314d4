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
            __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&SECRET))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
        #[cfg(feature = "mail")]
        fn on_after_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_register(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        #[cfg(not(feature = "mail"))]
        #[cfg(not(all(feature = "mail")))]
        fn on_after_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_register(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
    }
    const _: () = __um::check::secret(
        "reset_secret",
        __um::check::of(&|| __um::AsSecret::mark(&SECRET)).text(SECRET),
    );
};
