// A field has `serialize_with` but no `deserialize_with`.
use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
struct Customer {
    name: String,
    #[serde(serialize_with = "mask")]
    card: String,
}

fn mask<S: serde::Serializer>(_: &String, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("****")
}

fn main() {}
