/// What a client may send when registering with a [`Customer`].
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::usermgr::__private::serde")]
struct CustomerRegister {
    display_name: String,
    #[serde(rename = "photo")]
    avatar: Option<String>,
    nickname: Option<String>,
    #[serde(default)]
    visits: u32,
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
struct CustomerUpdate {
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    display_name: ::core::option::Option<String>,
    #[serde(
        rename = "photo",
        default,
        deserialize_with = "::usermgr::__private::present"
    )]
    avatar: ::core::option::Option<Option<String>>,
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    nickname: ::core::option::Option<Option<String>>,
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    visits: ::core::option::Option<u32>,
}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::usermgr::Profile for Customer {
    type Register = CustomerRegister;
    type Update = CustomerUpdate;
    type AdminUpdate = CustomerUpdate;
    fn create(input: CustomerRegister) -> Self {
        Self {
            display_name: input.display_name,
            avatar: input.avatar,
            nickname: input.nickname,
            visits: input.visits,
            credits: <u32 as ::core::default::Default>::default(),
        }
    }
    fn apply(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.display_name {
            self.display_name = value;
        }
        if let ::core::option::Option::Some(value) = update.avatar {
            self.avatar = value;
        }
        if let ::core::option::Option::Some(value) = update.nickname {
            self.nickname = value;
        }
        if let ::core::option::Option::Some(value) = update.visits {
            self.visits = value;
        }
    }
    fn apply_admin(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.display_name {
            self.display_name = value;
        }
        if let ::core::option::Option::Some(value) = update.avatar {
            self.avatar = value;
        }
        if let ::core::option::Option::Some(value) = update.nickname {
            self.nickname = value;
        }
        if let ::core::option::Option::Some(value) = update.visits {
            self.visits = value;
        }
    }
}
#[automatically_derived]
impl ::usermgr::user::FromClaims for Customer {
    const CLAIMS: &'static [(&'static str, &'static str)] = &[
        ("display_name", "name"),
        ("photo", "picture"),
    ];
}
