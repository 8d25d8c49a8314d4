// A default of the whole struct counts for what is sent too.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(default)]
struct Customer {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default)]
    newsletter: bool,
    #[profile(server)]
    plan: Plan,
}

// It has no default itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Plan {
    Free,
    Paid,
}

impl Default for Customer {
    fn default() -> Self {
        Self { name: "unnamed".to_owned(), tags: vec!["new".to_owned()], newsletter: true, plan: Plan::Free }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[serde(default = "house")]
struct House {
    rooms: u8,
}

fn house() -> House {
    House { rooms: 3 }
}

// The function of a trait. The type has a default of its own, which is another one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Profile)]
#[serde(default = "<Hut as Preset>::preset")]
struct Hut {
    rooms: u8,
}

trait Preset {
    fn preset() -> Self;
}

impl Preset for Hut {
    fn preset() -> Self {
        Self { rooms: 1 }
    }
}

pub fn main() {
    let customer = Customer::create(serde_json::from_str("{}").unwrap());
    assert_eq!((customer.name.as_str(), customer.tags.len(), customer.newsletter), ("unnamed", 1, false));
    assert_eq!(customer.plan, Plan::Free);
    assert_ne!(customer.plan, Plan::Paid);
    assert_eq!(House::create(serde_json::from_str("{}").unwrap()).rooms, 3);
    assert_eq!(House::create(serde_json::from_str(r#"{"rooms": 4}"#).unwrap()).rooms, 4);
    assert_eq!(Hut::create(serde_json::from_str("{}").unwrap()).rooms, 1);
}
