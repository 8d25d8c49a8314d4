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
#[allow(deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr::__private as __um;
    #[automatically_derived]
    impl<S: UserStore<Profile = NoProfile>, M: Mailer, const N: usize> __um::UserManager
    for Accounts<S, M, N>
    where
        S: __um::UserStore,
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
        S::Id: Copy,
    {
        type Store = S;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store, _>::engine(&self.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new()
                .reset_secret(__um::AsSecret::to_secret(&M::SECRET))
                .verify_secret(__um::AsSecret::to_secret(&S::SECRET))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
        fn on_after_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User<
                NoProfile,
                S::Id,
            > as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let cx = <&Context as __um::HookArg<&__um::Context, _>>::of(cx);
            let future = Self::on_after_register(self, user, cx);
            <Result<(), HookError> as __um::AfterOutcome>::boxed(future)
        }
    }
};
