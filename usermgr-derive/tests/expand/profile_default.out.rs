/// What a client may send when registering with a [`Customer`].
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[allow(non_snake_case)]
#[serde(crate = "::usermgr::__private::serde")]
struct CustomerRegister {
    #[allow(clippy::option_option)]
    #[serde(default = "CustomerRegister::__default_Name")]
    Name: Option<Option<String>>,
    #[serde(default = "one")]
    number: u8,
    #[serde(rename = "code", default = "CustomerRegister::__default_invitation")]
    invitation: Option<String>,
}
/// What a client may change of a [`Customer`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::usermgr::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[allow(non_snake_case)]
#[serde(crate = "::usermgr::__private::serde")]
struct CustomerUpdate {
    #[allow(clippy::option_option)]
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    Name: ::core::option::Option<Option<Option<String>>>,
    #[serde(default, deserialize_with = "::usermgr::__private::present")]
    number: ::core::option::Option<u8>,
}
#[allow(deprecated, non_snake_case)]
#[allow(non_snake_case)]
impl CustomerRegister {
    #[allow(clippy::option_option)]
    fn __default_Name() -> Option<Option<String>> {
        <Customer as ::core::default::Default>::default().Name
    }
    fn __default_invitation() -> Option<String> {
        <Customer as ::core::default::Default>::default().invitation
    }
}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::usermgr::Profile for Customer {
    type Register = CustomerRegister;
    type Update = CustomerUpdate;
    type AdminUpdate = CustomerUpdate;
    const HIDDEN: &'static [&'static str] = &["code"];
    fn create(input: CustomerRegister) -> Self {
        Self {
            Name: input.Name,
            number: input.number,
            credits: <Customer as ::core::default::Default>::default().credits,
            invitation: input.invitation,
        }
    }
    fn apply(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.Name {
            self.Name = value;
        }
        if let ::core::option::Option::Some(value) = update.number {
            self.number = value;
        }
    }
    fn apply_admin(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.Name {
            self.Name = value;
        }
        if let ::core::option::Option::Some(value) = update.number {
            self.number = value;
        }
    }
}
#[automatically_derived]
impl ::usermgr::user::FromClaims for Customer {
    const CLAIMS: &'static [(&'static str, &'static str)] = &[];
}
