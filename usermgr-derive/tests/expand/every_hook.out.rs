#[allow(clippy::unused_async)]
impl Accounts {
    async fn validate_password(
        &self,
        password: &Password,
        subject: &PasswordSubject<'_>,
    ) -> Result<(), InvalidPassword> {
        Ok(())
    }
    async fn oauth_profile(&self, claims: &OAuthClaims) -> Result<NoProfile, Rejection> {
        Ok(NoProfile)
    }
    async fn on_before_register(&self, draft: &mut Draft) -> Result<(), Rejection> {
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
    async fn on_before_link(
        &self,
        user: &User,
        claims: &OAuthClaims,
    ) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_add_factor(
        &self,
        user: &User,
        factor: &FactorInfo,
    ) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_create_api_key(
        &self,
        user: &User,
        key: &NewApiKey,
    ) -> Result<(), Rejection> {
        Ok(())
    }
    async fn on_before_commit(
        &self,
        change: &UserChange<'_>,
        tx: &mut Tx,
    ) -> Result<(), HookError> {
        Ok(())
    }
    async fn on_after_register(&self, user: &User) {}
    async fn on_after_oauth_register(&self, user: &User, claims: &OAuthClaims) {}
    async fn on_after_duplicate_register(&self, user: &User) {}
    async fn on_after_login(&self, user: &User, login: &mut Login) {}
    async fn on_after_failed_login(&self, failed: &FailedLogin) {}
    async fn on_after_lockout(&self, lockout: &Lockout) {}
    async fn on_after_impersonate(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_logout(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_revoke_session(&self, user: &User, session: &SessionInfo) {}
    async fn on_after_token_theft(&self, user: &User, theft: &TokenTheft) {}
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {}
    async fn on_after_verify(&self, user: &User) {}
    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {}
    async fn on_after_invite(&self, user: &User, token: &InvitationToken) {}
    async fn on_after_accept_invitation(&self, user: &User) {}
    async fn on_after_reset_password(&self, user: &User) {}
    async fn on_after_request_login(&self, user: &User, mail: &LoginMail) {}
    async fn on_after_change_password(&self, user: &User) {}
    async fn on_after_request_email_change(
        &self,
        user: &User,
        new: &EmailAddress,
        token: &ChangeEmailToken,
    ) {}
    async fn on_after_change_email(&self, user: &User, old: &EmailAddress) {}
    async fn on_after_rehash_password(&self, user: &User) {}
    async fn on_after_link(&self, user: &User, identity: &Identity) {}
    async fn on_after_unlink(&self, user: &User, identity: &Identity) {}
    async fn on_after_add_factor(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_remove_factor(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_create_api_key(&self, user: &User, key: &ApiKeyInfo) {}
    async fn on_after_revoke_api_key(&self, user: &User, key: &ApiKeyInfo) {}
    async fn on_after_failed_second_factor(&self, user: &User) {}
    async fn on_after_use_recovery_code(&self, user: &User, codes: &FactorInfo) {}
    async fn on_after_suspicious_passkey(&self, user: &User, factor: &FactorInfo) {}
    async fn on_after_update(&self, user: &User, changes: &Changes) {}
    async fn on_after_delete(&self, user: &User) {}
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
        fn oauth_profile<'__a>(
            &'__a self,
            claims: &'__a __um::OAuthClaims,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<
            '__a,
            __um::Rejection,
            ::core::option::Option<<Self::Store as __um::UserStore>::Profile>,
        > {
            let claims = <&OAuthClaims as __um::HookArg<
                &__um::OAuthClaims,
                _,
            >>::of(claims);
            let future = Self::oauth_profile(self, claims);
            <Result<
                NoProfile,
                Rejection,
            > as __um::ProfileOutcome<
                <Self::Store as __um::UserStore>::Profile,
            >>::boxed(future)
        }
        fn makes_profiles(&self) -> bool {
            true
        }
        fn on_before_register<'__a>(
            &'__a self,
            draft: &'__a mut __um::DraftOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let draft = <&mut Draft as __um::HookArg<
                &mut __um::DraftOf<Self::Store>,
                _,
            >>::of(draft);
            let future = Self::on_before_register(self, draft);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_login<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_before_login(self, user);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_update<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            changes: &'__a __um::ChangesOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let changes = <&Changes as __um::HookArg<
                &__um::ChangesOf<Self::Store>,
                _,
            >>::of(changes);
            let future = Self::on_before_update(self, user, changes);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_delete<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_before_delete(self, user);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_link<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            claims: &'__a __um::OAuthClaims,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let claims = <&OAuthClaims as __um::HookArg<
                &__um::OAuthClaims,
                _,
            >>::of(claims);
            let future = Self::on_before_link(self, user, claims);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_add_factor<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            factor: &'__a __um::FactorInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let factor = <&FactorInfo as __um::HookArg<
                &__um::FactorInfo,
                _,
            >>::of(factor);
            let future = Self::on_before_add_factor(self, user, factor);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_create_api_key<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            key: &'__a __um::NewApiKey,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::Rejection> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let key = <&NewApiKey as __um::HookArg<&__um::NewApiKey, _>>::of(key);
            let future = Self::on_before_create_api_key(self, user, key);
            <Result<(), Rejection> as __um::GateOutcome>::boxed(future)
        }
        fn on_before_commit<'__a>(
            &'__a self,
            change: &'__a __um::UserChangeOf<'__a, Self::Store>,
            tx: &'__a mut __um::Tx<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let change = <&UserChange<
                '_,
            > as __um::HookArg<&__um::UserChangeOf<'_, Self::Store>, _>>::of(change);
            let tx = <&mut Tx as __um::HookArg<&mut __um::Tx<Self::Store>, _>>::of(tx);
            let future = Self::on_before_commit(self, change, tx);
            <Result<(), HookError> as __um::JoinOutcome>::boxed(future)
        }
        fn on_after_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_register(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_oauth_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            claims: &'__a __um::OAuthClaims,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let claims = <&OAuthClaims as __um::HookArg<
                &__um::OAuthClaims,
                _,
            >>::of(claims);
            let future = Self::on_after_oauth_register(self, user, claims);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_duplicate_register<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_duplicate_register(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_login<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            login: &'__a mut __um::Login,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let login = <&mut Login as __um::HookArg<&mut __um::Login, _>>::of(login);
            let future = Self::on_after_login(self, user, login);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_failed_login<'__a>(
            &'__a self,
            failed: &'__a __um::FailedLogin,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let failed = <&FailedLogin as __um::HookArg<
                &__um::FailedLogin,
                _,
            >>::of(failed);
            let future = Self::on_after_failed_login(self, failed);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_lockout<'__a>(
            &'__a self,
            lockout: &'__a __um::Lockout,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let lockout = <&Lockout as __um::HookArg<&__um::Lockout, _>>::of(lockout);
            let future = Self::on_after_lockout(self, lockout);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_impersonate<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            session: &'__a __um::SessionInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let session = <&SessionInfo as __um::HookArg<
                &__um::SessionInfo,
                _,
            >>::of(session);
            let future = Self::on_after_impersonate(self, user, session);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_logout<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            session: &'__a __um::SessionInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let session = <&SessionInfo as __um::HookArg<
                &__um::SessionInfo,
                _,
            >>::of(session);
            let future = Self::on_after_logout(self, user, session);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_revoke_session<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            session: &'__a __um::SessionInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let session = <&SessionInfo as __um::HookArg<
                &__um::SessionInfo,
                _,
            >>::of(session);
            let future = Self::on_after_revoke_session(self, user, session);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_token_theft<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            theft: &'__a __um::TokenTheft,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let theft = <&TokenTheft as __um::HookArg<&__um::TokenTheft, _>>::of(theft);
            let future = Self::on_after_token_theft(self, user, theft);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_request_verify<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            token: &'__a __um::VerifyToken,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let token = <&VerifyToken as __um::HookArg<
                &__um::VerifyToken,
                _,
            >>::of(token);
            let future = Self::on_after_request_verify(self, user, token);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_verify<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_verify(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_forgot_password<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            token: &'__a __um::ResetToken,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let token = <&ResetToken as __um::HookArg<&__um::ResetToken, _>>::of(token);
            let future = Self::on_after_forgot_password(self, user, token);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_invite<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            token: &'__a __um::InvitationToken,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let token = <&InvitationToken as __um::HookArg<
                &__um::InvitationToken,
                _,
            >>::of(token);
            let future = Self::on_after_invite(self, user, token);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn mails_invitations(&self) -> bool {
            true
        }
        fn on_after_accept_invitation<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_accept_invitation(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_reset_password<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_reset_password(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_request_login<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            mail: &'__a __um::LoginMail,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let mail = <&LoginMail as __um::HookArg<&__um::LoginMail, _>>::of(mail);
            let future = Self::on_after_request_login(self, user, mail);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn mails_logins(&self) -> bool {
            true
        }
        fn on_after_change_password<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_change_password(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_request_email_change<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            new: &'__a __um::EmailAddress,
            token: &'__a __um::ChangeEmailToken,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let new = <&EmailAddress as __um::HookArg<&__um::EmailAddress, _>>::of(new);
            let token = <&ChangeEmailToken as __um::HookArg<
                &__um::ChangeEmailToken,
                _,
            >>::of(token);
            let future = Self::on_after_request_email_change(self, user, new, token);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_change_email<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            old: &'__a __um::EmailAddress,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let old = <&EmailAddress as __um::HookArg<&__um::EmailAddress, _>>::of(old);
            let future = Self::on_after_change_email(self, user, old);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_rehash_password<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_rehash_password(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_link<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            identity: &'__a __um::Identity,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let identity = <&Identity as __um::HookArg<
                &__um::Identity,
                _,
            >>::of(identity);
            let future = Self::on_after_link(self, user, identity);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_unlink<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            identity: &'__a __um::Identity,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let identity = <&Identity as __um::HookArg<
                &__um::Identity,
                _,
            >>::of(identity);
            let future = Self::on_after_unlink(self, user, identity);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_add_factor<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            factor: &'__a __um::FactorInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let factor = <&FactorInfo as __um::HookArg<
                &__um::FactorInfo,
                _,
            >>::of(factor);
            let future = Self::on_after_add_factor(self, user, factor);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_remove_factor<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            factor: &'__a __um::FactorInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let factor = <&FactorInfo as __um::HookArg<
                &__um::FactorInfo,
                _,
            >>::of(factor);
            let future = Self::on_after_remove_factor(self, user, factor);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_create_api_key<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            key: &'__a __um::ApiKeyInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let key = <&ApiKeyInfo as __um::HookArg<&__um::ApiKeyInfo, _>>::of(key);
            let future = Self::on_after_create_api_key(self, user, key);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_revoke_api_key<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            key: &'__a __um::ApiKeyInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let key = <&ApiKeyInfo as __um::HookArg<&__um::ApiKeyInfo, _>>::of(key);
            let future = Self::on_after_revoke_api_key(self, user, key);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_failed_second_factor<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_failed_second_factor(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_use_recovery_code<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            codes: &'__a __um::FactorInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let codes = <&FactorInfo as __um::HookArg<&__um::FactorInfo, _>>::of(codes);
            let future = Self::on_after_use_recovery_code(self, user, codes);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_suspicious_passkey<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            factor: &'__a __um::FactorInfo,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let factor = <&FactorInfo as __um::HookArg<
                &__um::FactorInfo,
                _,
            >>::of(factor);
            let future = Self::on_after_suspicious_passkey(self, user, factor);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_update<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            changes: &'__a __um::ChangesOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let changes = <&Changes as __um::HookArg<
                &__um::ChangesOf<Self::Store>,
                _,
            >>::of(changes);
            let future = Self::on_after_update(self, user, changes);
            <() as __um::AfterOutcome>::boxed(future)
        }
        fn on_after_delete<'__a>(
            &'__a self,
            user: &'__a __um::UserOf<Self::Store>,
            _cx: &'__a __um::Context,
        ) -> __um::HookFuture<'__a, __um::HookError> {
            let user = <&User as __um::HookArg<&__um::UserOf<Self::Store>, _>>::of(user);
            let future = Self::on_after_delete(self, user);
            <() as __um::AfterOutcome>::boxed(future)
        }
    }
};
