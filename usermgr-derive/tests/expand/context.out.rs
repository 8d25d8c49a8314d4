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
#[allow(dead_code, deprecated, trivial_bounds, unused_imports, unused_qualifications)]
const _: () = {
    use ::usermgr::__private as __um;
    use ::std::boxed::Box;
    #[automatically_derived]
    #[__um::async_trait]
    impl __um::UserManager for Accounts
    where
        Self: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Store = __um::DefaultStore;
        fn engine_ref(&self) -> &__um::Engine<Self::Store> {
            __um::EngineOf::<Self::Store>::engine(&self.engine)
        }
        fn settings(&self) -> __um::Settings {
            __um::Settings::new().secret(__um::AsSecret::to_secret(&self.secret))
        }
        async fn on_after_login(
            &self,
            user: &__um::UserOf<Self::Store>,
            login: &mut __um::Login,
            cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let login = <&mut Login as __um::HookArg<&mut __um::Login>>::of(login);
            let cx = <&Context as __um::HookArg<&__um::Context>>::of(cx);
            let outcome = Self::on_after_login(self, user, login, cx).await;
            <Result<(), HookError> as __um::AfterOutcome>::of(outcome)
        }
        async fn validate_password(
            &self,
            password: &__um::Password,
            subject: &__um::PasswordSubjectOf<'_, Self::Store>,
            _cx: &__um::Context,
        ) -> __um::PolicyResult {
            let password = <&Password as __um::HookArg<&__um::Password>>::of(password);
            let subject = <&PasswordSubject<
                '_,
            > as __um::HookArg<&__um::PasswordSubjectOf<'_, Self::Store>>>::of(subject);
            let outcome = Self::validate_password(self, password, subject).await;
            <Result<(), InvalidPassword> as __um::PolicyOutcome>::of(outcome)
        }
    }
};
