// What is allowed on a profile and on its fields is allowed in what is made of it.
#![deny(clippy::option_option, non_snake_case)]
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[allow(non_snake_case)]
struct Customer {
    Name: String,
    #[allow(clippy::option_option)]
    #[serde(default)]
    nickname: Option<Option<String>>,
}

pub fn main() {
    let customer = Customer::create(CustomerRegister { Name: "Ada".to_owned(), nickname: None });
    assert_eq!((customer.Name.as_str(), customer.nickname), ("Ada", None));
}
