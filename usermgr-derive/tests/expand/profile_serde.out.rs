/// What a client may send when registering with a [`Customer`].
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::um::__private::serde::Deserialize)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::um::__private::serde", rename_all = "camelCase")]
struct CustomerRegister {
    #[serde(alias = "title", default)]
    job_title: Option<String>,
    #[serde(rename = "key", with = "hex", default)]
    public_key: [u8; 32],
}
/// What a client may change of a [`Customer`]; what is `None` stays as it is.
#[derive(
    ::core::clone::Clone,
    ::core::fmt::Debug,
    ::core::default::Default,
    ::um::__private::serde::Deserialize
)]
#[allow(deprecated, missing_docs, unreachable_pub)]
#[serde(crate = "::um::__private::serde", rename_all = "camelCase")]
struct CustomerUpdate {
    #[serde(alias = "title", default, deserialize_with = "::um::__private::present")]
    job_title: ::core::option::Option<Option<String>>,
    #[serde(
        rename = "key",
        default,
        deserialize_with = "CustomerUpdate::__read_public_key"
    )]
    public_key: ::core::option::Option<[u8; 32]>,
}
#[allow(deprecated, non_snake_case)]
impl CustomerUpdate {
    fn __read_public_key<'de, D: ::um::__private::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<::core::option::Option<[u8; 32]>, D::Error> {
        hex::deserialize(deserializer).map(::core::option::Option::Some)
    }
}
#[automatically_derived]
#[allow(deprecated, unused_variables)]
impl ::um::Profile for Customer {
    type Register = CustomerRegister;
    type Update = CustomerUpdate;
    type AdminUpdate = CustomerUpdate;
    const HIDDEN: &'static [&'static str] = &["cache"];
    fn create(input: CustomerRegister) -> Self {
        Self {
            job_title: input.job_title,
            public_key: input.public_key,
            cache: <Cache as ::core::default::Default>::default(),
        }
    }
    fn apply(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.job_title {
            self.job_title = value;
        }
        if let ::core::option::Option::Some(value) = update.public_key {
            self.public_key = value;
        }
    }
    fn apply_admin(&mut self, update: CustomerUpdate) {
        if let ::core::option::Option::Some(value) = update.job_title {
            self.job_title = value;
        }
        if let ::core::option::Option::Some(value) = update.public_key {
            self.public_key = value;
        }
    }
}
#[automatically_derived]
impl ::um::user::FromClaims for Customer {
    const CLAIMS: &'static [(&'static str, &'static str)] = &[];
}
