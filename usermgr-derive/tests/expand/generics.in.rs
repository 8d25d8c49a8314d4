#[user_manager(store = S, reset_secret = M::SECRET, verify_secret = S::SECRET)]
impl<S: UserStore<Profile = NoProfile>, M: Mailer, const N: usize> Accounts<S, M, N>
where
    S::Id: Copy,
{
    async fn on_after_register(&self, user: &User<NoProfile, S::Id>, cx: &Context) -> Result<(), HookError> {
        Ok(self.request_verify(user, cx).await?)
    }
}
