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
                .secret(__private::AsSecret::to_secret(&self.secret))
        }
        async fn on_after_login(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            login: &mut __usermgr::Login,
            cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let login = <&mut Login as __private::HookArg<
                &mut __usermgr::Login,
            >>::from_hook(login);
            let cx = <&Context as __private::HookArg<
                &__usermgr::Context,
            >>::from_hook(cx);
            let outcome = Self::on_after_login(self, user, login, cx).await;
            <Result<(), HookError> as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn validate_password(
            &self,
            password: &__usermgr::Password,
            subject: &__usermgr::PasswordSubjectOf<'_, Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::InvalidPassword> {
            let password = <&Password as __private::HookArg<
                &__usermgr::Password,
            >>::from_hook(password);
            let subject = <&PasswordSubject<
                '_,
            > as __private::HookArg<
                &__usermgr::PasswordSubjectOf<'_, Self::Store>,
            >>::from_hook(subject);
            let outcome = Self::validate_password(self, password, subject).await;
            <Result<
                (),
                InvalidPassword,
            > as __private::PolicyOutcome>::into_outcome(outcome)
        }
    }
};
