/// What a client may send when registering with a [`Customer`].
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
pub struct CustomerRegister {
    /// How to address them.
    pub name: String,
    pub(crate) nickname: Option<String>,
}
/// What a client may change of a [`Customer`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
pub struct CustomerUpdate {
    /// How to address them.
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    pub name: ::core::option::Option<String>,
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    pub(crate) nickname: ::core::option::Option<Option<String>>,
}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::usermgr::Profile for Customer {
    type Register = CustomerRegister;
    type Update = CustomerUpdate;
    type AdminUpdate = CustomerUpdate;
    fn create(input: CustomerRegister) -> Self {
        Self {
            name: input.name,
            nickname: input.nickname,
            credits: <u32 as ::core::default::Default>::default(),
        }
    }
    fn apply(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.name {
            self.name = value;
        }
        if let ::core::option::Option::Some(value) = update.nickname {
            self.nickname = value;
        }
    }
    fn apply_admin(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.name {
            self.name = value;
        }
        if let ::core::option::Option::Some(value) = update.nickname {
            self.nickname = value;
        }
    }
}
