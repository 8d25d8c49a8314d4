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
    #[profile(hidden)]
    last_seen: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    // Written under a name that is read too.
    #[serde(rename(serialize = "zip", deserialize = "post_code"), alias = "zip", default)]
    zip_code: String,
    #[serde(default, serialize_with = "plain", deserialize_with = "trimmed")]
    city: String,
    // The function of a trait.
    #[serde(default, deserialize_with = "<Trim as Reader>::read")]
    street: String,
    #[profile(transient)]
    #[serde(default, skip_serializing)]
    invitation_code: Option<String>,
}

fn plain<S: serde::Serializer>(city: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(city)
}

fn trimmed<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| text.trim().to_owned())
}

trait Reader {
    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error>;
}

struct Trim;

impl Reader for Trim {
    fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        trimmed(deserializer)
    }
}

// A macro passes a literal in an invisible group.
macro_rules! renamed {
    ($profile:ident: $name:literal, $reader:literal) => {
        #[derive(Clone, Debug, Serialize, Deserialize, Profile)]
        struct $profile {
            #[profile(hidden)]
            #[serde(rename = $name, default)]
            note: String,
            #[serde(deserialize_with = $reader, default)]
            city: String,
        }
    };
}

renamed!(Resident: "remark", "trimmed");

pub fn main() {
    let sent = r#"{"fullName": "Ada", "invitationCode": "i", "lastSeen": 7, "zip": "1", "city": " Rome "}"#;
    let input: CustomerRegister = serde_json::from_str(sent).unwrap();
    let mut customer = Customer::create(input);
    assert_eq!((customer.full_name.as_str(), customer.news_letter, customer.last_seen), ("Ada", false, 0));
    assert_eq!((customer.invitation_code.as_deref(), customer.zip_code.as_str()), (Some("i"), "1"));
    assert_eq!(Customer::HIDDEN, ["lastSeen", "invitationCode"]);
    customer.apply(serde_json::from_str(r#"{"newsLetter": true, "lastSeen": 7, "invitationCode": "j"}"#).unwrap());
    assert!(customer.news_letter && customer.last_seen == 0 && customer.city == "Rome");
    assert_eq!(customer.invitation_code.as_deref(), Some("i"), "no update has it");
    customer.apply(serde_json::from_str(r#"{"street": " Via Appia "}"#).unwrap());
    assert_eq!(std::mem::take(&mut customer.street), "Via Appia", "an update has the reader too");
    let mut resident = Resident::create(serde_json::from_str(r#"{"city": "Rome"}"#).unwrap());
    resident.apply(serde_json::from_str(r#"{"city": " Ostia "}"#).unwrap());
    assert_eq!((Resident::HIDDEN, resident.note.as_str(), resident.city.as_str()), (&["remark"][..], "", "Ostia"));
    customer.last_seen = 9;
    let stored = serde_json::to_string(&customer).unwrap();
    assert_eq!(stored, r#"{"name":"Ada","newsLetter":true,"lastSeen":9,"zip":"1","city":"Rome","street":""}"#);
    let read: Customer = serde_json::from_str(&stored).unwrap();
    assert_eq!((read.last_seen, read.invitation_code, read.nick_name, read.tags.len()), (9, None, None, 0));
}
