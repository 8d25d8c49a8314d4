#[allow(clippy::unused_async)]
impl Accounts {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_>,
    ) -> Result<(), InvalidPassword> {
        Ok(())
    }
    async fn on_before_register(&self, draft: &Draft) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_login(&self, user: &User) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_update(
        &self,
        user: &User,
        changes: &Changes,
    ) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_delete(&self, user: &User) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_after_register(&self, user: &User) {}
    async fn on_after_duplicate_register(&self, user: &User) {}
    async fn on_after_login(&self, user: &User, login: &mut Login) {}
    async fn on_after_failed_login(&self, failed: &FailedLogin) {}
    async fn on_after_logout(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {}
    async fn on_after_verify(&self, user: &User) {}
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {}
    async fn on_after_reset_password(&self, user: &User) {}
    async fn on_after_change_password(&self, user: &User) {}
    async fn on_after_rehash_password(&self, user: &User) {}
    async fn on_after_update(&self, user: &User, changes: &Changes) {}
    async fn on_after_delete(&self, user: &User) {}
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
            __um::Settings::new().reset_secret(__um::AsSecret::to_secret(&self.secret))
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
        async fn on_before_register(
            &self,
            draft: &__um::DraftOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::GateResult {
            let draft = <&Draft as __um::HookArg<
                &__um::DraftOf<Self::Store>,
            >>::of(draft);
            let outcome = Self::on_before_register(self, draft).await;
            <Result<(), Rejection> as __um::GateOutcome>::of(outcome)
        }
        async fn on_before_login(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::GateResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_before_login(self, user).await;
            <Result<(), Rejection> as __um::GateOutcome>::of(outcome)
        }
        async fn on_before_update(
            &self,
            user: &__um::UserOf<Self::Store>,
            changes: &__um::ChangesOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::GateResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let changes = <&Changes as __um::HookArg<
                &__um::ChangesOf<Self::Store>,
            >>::of(changes);
            let outcome = Self::on_before_update(self, user, changes).await;
            <Result<(), Rejection> as __um::GateOutcome>::of(outcome)
        }
        async fn on_before_delete(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::GateResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_before_delete(self, user).await;
            <Result<(), Rejection> as __um::GateOutcome>::of(outcome)
        }
        async fn on_after_register(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_register(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_duplicate_register(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_duplicate_register(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_login(
            &self,
            user: &__um::UserOf<Self::Store>,
            login: &mut __um::Login,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let login = <&mut Login as __um::HookArg<&mut __um::Login>>::of(login);
            let outcome = Self::on_after_login(self, user, login).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_failed_login(
            &self,
            failed: &__um::FailedLogin,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let failed = <&FailedLogin as __um::HookArg<&__um::FailedLogin>>::of(failed);
            let outcome = Self::on_after_failed_login(self, failed).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_logout(
            &self,
            user: &__um::UserOf<Self::Store>,
            session: &__um::SessionInfo,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let session = <&SessionInfo as __um::HookArg<
                &__um::SessionInfo,
            >>::of(session);
            let outcome = Self::on_after_logout(self, user, session).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_request_verify(
            &self,
            user: &__um::UserOf<Self::Store>,
            token: &__um::VerifyToken,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let token = <&VerifyToken as __um::HookArg<&__um::VerifyToken>>::of(token);
            let outcome = Self::on_after_request_verify(self, user, token).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_verify(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_verify(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_forgot_password(
            &self,
            user: &__um::UserOf<Self::Store>,
            token: &__um::ResetToken,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let token = <&ResetToken as __um::HookArg<&__um::ResetToken>>::of(token);
            let outcome = Self::on_after_forgot_password(self, user, token).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_reset_password(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_reset_password(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_change_password(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_change_password(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_rehash_password(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_rehash_password(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_update(
            &self,
            user: &__um::UserOf<Self::Store>,
            changes: &__um::ChangesOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let changes = <&Changes as __um::HookArg<
                &__um::ChangesOf<Self::Store>,
            >>::of(changes);
            let outcome = Self::on_after_update(self, user, changes).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
        async fn on_after_delete(
            &self,
            user: &__um::UserOf<Self::Store>,
            _cx: &__um::Context,
        ) -> __um::AfterResult {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>>>::of(user);
            let outcome = Self::on_after_delete(self, user).await;
            <() as __um::AfterOutcome>::of(outcome)
        }
    }
};
