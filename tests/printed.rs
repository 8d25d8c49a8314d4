//! The test that the documentation prints, as it is printed; and beside it, with the same kit, what becomes of sessions and tokens as
//! time goes on.

#[path = "printed/sessions.rs"]
mod sessions;
#[path = "printed/tokens.rs"]
mod tokens;

/// Word for word, in the printed shape.
#[rustfmt::skip]
mod printed {
    use std::time::Duration;

    use usermgr::{
        VerifyError,
        prelude::*,
        testing::{FakeClock, Mailbox},
    };

    struct Accounts<S, M> { engine: Engine<S>, mail: M }

    #[user_manager(store = S, reset_secret = "only-for-tests-0123456789abcdef-x", verify_audience = "shop:verify")]
    impl<S: UserStore<Profile = NoProfile>, M: Mailer> Accounts<S, M> {
        async fn on_after_register(&self, user: &User<NoProfile, S::Id>, cx: &Context) -> Result<(), HookError> {
            Ok(self.request_verify(user, cx).await?)
        }
        async fn on_after_request_verify(&self, user: &User<NoProfile, S::Id>, token: &VerifyToken) -> Result<(), HookError> {
            Ok(self.mail.send(Mail::to(&user.email).subject("Welcome").text(token.expose())).await?)
        }
    }

    #[tokio::test]
    async fn a_mailed_token_verifies_once_and_dies_after_an_hour() {
        let (clock, mail, cx) = (FakeClock::start(), Mailbox::default(), Context::default());
        let accounts = Accounts { engine: Engine::new(MemoryStore::new()).with_clock(clock.clone()), mail: mail.clone() };

        accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await.unwrap();
        let token = VerifyToken::from(mail.last("ada@example.com").unwrap().text);
        assert!(accounts.verify(&token, &cx).await.unwrap().is_verified);
        assert!(matches!(accounts.verify(&token, &cx).await, Err(VerifyError::AlreadyVerified)));

        accounts.register(Register::new("bob@example.com", "correct horse battery"), &cx).await.unwrap();
        let token = VerifyToken::from(mail.last("bob@example.com").unwrap().text);
        clock.advance(Duration::from_secs(3601));
        assert!(matches!(accounts.verify(&token, &cx).await, Err(VerifyError::InvalidToken)));
    }
}
