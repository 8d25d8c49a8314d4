// A profile keeps the words of serde.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(rename_all = "camelCase")]
struct Customer {
    #[serde(rename = "name", alias = "fullName")]
    full_name: String,
    #[serde(default)]
    news_letter: bool,
    #[serde(skip)]
    seen: u32,
}

pub fn main() {
    let input: CustomerRegister = serde_json::from_str(r#"{"fullName": "Ada"}"#).unwrap();
    let mut customer = Customer::create(input);
    assert_eq!((customer.full_name.as_str(), customer.news_letter, customer.seen), ("Ada", false, 0));
    customer.apply(serde_json::from_str(r#"{"newsLetter": true}"#).unwrap());
    assert!(customer.news_letter);
}
