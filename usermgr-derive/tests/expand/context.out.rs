#[allow(clippy::unused_async)]
impl Accounts {
    async fn on_after_login(
        &self,
        user: &User,
        login: &mut Login,
        cx: &Context,
    ) -> Result<(), HookError> {
        Ok(self.record(user, login, cx).await?)
    }
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_>,
    ) -> Result<(), InvalidPassword> {
        self.policy.check(password, subject)
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
            __um::Settings::new().secret(__um::AsSecret::to_secret(&self.secret))
        }
        fn permissions_by_name(
            &self,
        ) -> ::core::option::Option<&dyn __um::PermissionsByName<Self::Store>> {
            use __um::{WithPermissions as _, WithoutPermissions as _};
            (&__um::Asked::of(self)).permissions()
        }
        fn on_after_login<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            login: &'__a mut __um::Login,
            cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let login = <&mut Login as __um::HookArg<&mut __um::Login, _>>::of(login);
            let cx = <&Context as __um::HookArg<&__um::Context, _>>::of(cx);
            let future = Self::on_after_login(self, user, login, cx);
            <Result<(), HookError> as __um::AfterOutcome>::boxed(future)
        }
        fn validate_password<'__a>(
            &'__a self,
            password: &'__a __um::Password,
            subject: &'__a __um::PasswordSubjectOf<'__a, Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::InvalidPassword> {
            let password = <&Password as __um::HookArg<
                &__um::Password,
                _,
            >>::of(password);
            let subject = <&PasswordSubject<
                '_,
            > as __um::HookArg<
                &__um::PasswordSubjectOf<'_, Self::Store>,
                _,
            >>::of(subject);
            let future = Self::validate_password(self, password, subject);
            <Result<(), InvalidPassword> as __um::PolicyOutcome>::boxed(future)
        }
    }
};
