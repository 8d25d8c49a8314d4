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
                .reset_secret(__private::AsSecret::to_secret(&self.secret))
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
        async fn on_before_register(
            &self,
            draft: &__usermgr::DraftOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::Rejection> {
            let draft = <&Draft as __private::HookArg<
                &__usermgr::DraftOf<Self::Store>,
            >>::from_hook(draft);
            let outcome = Self::on_before_register(self, draft).await;
            <Result<(), Rejection> as __private::GateOutcome>::into_outcome(outcome)
        }
        async fn on_before_login(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::Rejection> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_before_login(self, user).await;
            <Result<(), Rejection> as __private::GateOutcome>::into_outcome(outcome)
        }
        async fn on_before_update(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            changes: &__usermgr::ChangesOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::Rejection> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let changes = <&Changes as __private::HookArg<
                &__usermgr::ChangesOf<Self::Store>,
            >>::from_hook(changes);
            let outcome = Self::on_before_update(self, user, changes).await;
            <Result<(), Rejection> as __private::GateOutcome>::into_outcome(outcome)
        }
        async fn on_before_delete(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::Rejection> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_before_delete(self, user).await;
            <Result<(), Rejection> as __private::GateOutcome>::into_outcome(outcome)
        }
        async fn on_after_register(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_register(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_duplicate_register(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_duplicate_register(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_login(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            login: &mut __usermgr::Login,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let login = <&mut Login as __private::HookArg<
                &mut __usermgr::Login,
            >>::from_hook(login);
            let outcome = Self::on_after_login(self, user, login).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_failed_login(
            &self,
            failed: &__usermgr::FailedLogin,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let failed = <&FailedLogin as __private::HookArg<
                &__usermgr::FailedLogin,
            >>::from_hook(failed);
            let outcome = Self::on_after_failed_login(self, failed).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_logout(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            session: &__usermgr::SessionInfo,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let session = <&SessionInfo as __private::HookArg<
                &__usermgr::SessionInfo,
            >>::from_hook(session);
            let outcome = Self::on_after_logout(self, user, session).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_request_verify(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            token: &__usermgr::VerifyToken,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let token = <&VerifyToken as __private::HookArg<
                &__usermgr::VerifyToken,
            >>::from_hook(token);
            let outcome = Self::on_after_request_verify(self, user, token).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_verify(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_verify(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_forgot_password(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            token: &__usermgr::ResetToken,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let token = <&ResetToken as __private::HookArg<
                &__usermgr::ResetToken,
            >>::from_hook(token);
            let outcome = Self::on_after_forgot_password(self, user, token).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_reset_password(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_reset_password(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_change_password(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_change_password(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_rehash_password(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_rehash_password(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_update(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            changes: &__usermgr::ChangesOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let changes = <&Changes as __private::HookArg<
                &__usermgr::ChangesOf<Self::Store>,
            >>::from_hook(changes);
            let outcome = Self::on_after_update(self, user, changes).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
        async fn on_after_delete(
            &self,
            user: &__usermgr::UserOf<Self::Store>,
            _cx: &__usermgr::Context,
        ) -> ::core::result::Result<(), __usermgr::HookError> {
            let user = <&User as __private::HookArg<
                &__usermgr::UserOf<Self::Store>,
            >>::from_hook(user);
            let outcome = Self::on_after_delete(self, user).await;
            <() as __private::AfterOutcome>::into_outcome(outcome)
        }
    }
};
