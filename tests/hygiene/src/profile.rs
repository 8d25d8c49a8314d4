//! Profiles of every form, public and private.

use serde::{Deserialize, Serialize};
use um::prelude::*;

/// A customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Profile)]
#[profile(crate = ::um)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// The name in full.
    #[serde(rename = "name", alias = "fullName")]
    pub full_name: String,
    /// What friends say.
    pub nickname: Option<String>,
    /// A keyword as a name.
    pub r#type: u8,
    /// Read in its own way.
    #[serde(default, deserialize_with = "trimmed")]
    pub city: String,
    /// Deprecated.
    #[deprecated = "it is not used"]
    pub fax: Option<String>,
    /// For the server alone.
    #[profile(server)]
    pub credits: u64,
    #[profile(hidden)]
    seen: Vec<u32>,
}

fn trimmed<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| text.trim().to_owned())
}

/// Nothing.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate = ::um)]
pub struct Nothing {}

/// One that stays in the crate.
#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate = ::um)]
pub(crate) struct Inner {
    pub(crate) name: String,
}

/// Where it is used.
pub fn inner() {
    let Inner { name } = Inner::create(InnerRegister { name: "Ada".to_owned() });
    println!("{name}");
}
