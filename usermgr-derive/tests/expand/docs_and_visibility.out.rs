#[allow(clippy::unused_async)]
/// The accounts of the shop.
#[allow(dead_code)]
impl Accounts {
    /// Says hello.
    pub(crate) async fn on_after_register(&self, User { email, .. }: &User) {
        println!("hello {email}");
    }
    /// How many there may be.
    pub const LIMIT: usize = 10;
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
    }
};
