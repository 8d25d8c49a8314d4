#[allow(clippy::unused_async)]
impl Accounts {
    fn update(&self) {}
    #[inline]
    async fn on_the_side(&self) {}
    fn new(secret: String) -> Self {
        Self { secret }
    }
}
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
            __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&self.secret))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
    }
};
