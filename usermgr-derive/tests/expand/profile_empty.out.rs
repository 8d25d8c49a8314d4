/// What a client may send when registering with a [`Nothing`].
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
struct NothingRegister {}
/// What a client may change of a [`Nothing`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
struct NothingUpdate {}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::usermgr::Profile for Nothing {
    type Register = NothingRegister;
    type Update = NothingUpdate;
    type AdminUpdate = NothingUpdate;
    fn create(input: NothingRegister) -> Self {
        Self {}
    }
    fn apply(&mut self, update: NothingUpdate) {}
    fn apply_admin(&mut self, update: NothingUpdate) {}
}
#[automatically_derived]
impl ::usermgr::user::FromClaims for Nothing {
    const CLAIMS: &'static [(&'static str, &'static str)] = &[];
}
