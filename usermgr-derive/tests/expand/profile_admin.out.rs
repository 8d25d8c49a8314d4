/// What a client may send when registering with a [`Staff`].
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
pub struct StaffRegister {
    pub name: String,
}
/// What a client may change of a [`Staff`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
pub struct StaffUpdate {
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    pub name: ::core::option::Option<String>,
}
/// What a superuser may change of a [`Staff`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
pub struct StaffAdminUpdate {
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    pub name: ::core::option::Option<String>,
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    pub roles: ::core::option::Option<Vec<String>>,
    #[serde(default, deserialize_with = "StaffAdminUpdate::__read_note")]
    note: ::core::option::Option<[u8; 4]>,
}
#[allow(deprecated, non_snake_case)]
impl StaffAdminUpdate {
    fn __read_note<'de, D: ::usermgr::__private::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<::core::option::Option<[u8; 4]>, D::Error> {
        hex::deserialize(deserializer).map(::core::option::Option::Some)
    }
}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::usermgr::Profile for Staff {
    type Register = StaffRegister;
    type Update = StaffUpdate;
    type AdminUpdate = StaffAdminUpdate;
    const HIDDEN: &'static [&'static str] = &["note"];
    fn create(input: StaffRegister) -> Self {
        Self {
            name: input.name,
            roles: <Vec<String> as ::core::default::Default>::default(),
            note: <[u8; 4] as ::core::default::Default>::default(),
            credits: <u32 as ::core::default::Default>::default(),
        }
    }
    fn apply(&mut self, update: StaffUpdate) {
        if let ::core::option::Option::Some(value) = update.name {
            self.name = value;
        }
    }
    fn apply_admin(&mut self, update: StaffAdminUpdate) {
        if let ::core::option::Option::Some(value) = update.name {
            self.name = value;
        }
        if let ::core::option::Option::Some(value) = update.roles {
            self.roles = value;
        }
        if let ::core::option::Option::Some(value) = update.note {
            self.note = value;
        }
    }
}
