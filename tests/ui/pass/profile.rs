// A profile is a struct with named fields, some of which are the server's.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

/// What the shop knows.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
pub struct Customer {
    /// A name.
    pub name: String,
    pub(crate) nickname: Option<String>,
    r#type: u8,
    #[profile(server)]
    credits: u64,
}

pub fn main() {
    let input = CustomerRegister { name: "Ada".to_owned(), nickname: None, r#type: 1 };
    let mut customer = Customer::create(input);
    customer.apply(CustomerUpdate { nickname: Some(Some("Countess".to_owned())), ..CustomerUpdate::default() });
    assert_eq!((customer.nickname.as_deref(), customer.r#type, customer.credits), (Some("Countess"), 1, 0));
}
