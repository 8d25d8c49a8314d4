//! The serialized form of a user: the fixed fields and those of the profile in one object. It omits hidden fields, and
//! profile fields with the name of a fixed field, which a profile with a map could have. The user name is a fixed field of
//! the users that have one.

use serde::{
    Serialize, Serializer,
    ser::{Error, Impossible, SerializeMap, SerializeStruct},
};

use super::{FIXED, Profile, USERNAME, User};

impl<P: Profile, I: Serialize> Serialize for User<P, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { id, email, username, is_active, is_superuser, is_verified, created_at, profile } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", id)?;
        map.serialize_entry("email", email)?;
        if let Some(username) = username {
            map.serialize_entry(USERNAME, username)?;
        }
        map.serialize_entry("is_active", is_active)?;
        map.serialize_entry("is_superuser", is_superuser)?;
        map.serialize_entry("is_verified", is_verified)?;
        map.serialize_entry("created_at", created_at)?;
        profile.serialize(Shown { map: &mut map, hidden: P::HIDDEN, is_named: username.is_some(), skipping: false })?;
        map.end()
    }
}

/// Writes the fields of one object that are not hidden into the map of another.
struct Shown<'a, M> {
    map: &'a mut M,
    hidden: &'static [&'static str],
    /// Whether the user has a user name, so that no field of the profile can be shown under that name.
    is_named: bool,
    /// Whether the next value is that of a hidden key.
    skipping: bool,
}

impl<M: SerializeMap> Shown<'_, M> {
    fn shows(&self, name: &str) -> bool {
        let is_taken = self.hidden.contains(&name) || FIXED.contains(&name) || (self.is_named && name == USERNAME);
        !is_taken
    }
}

impl<M: SerializeMap> SerializeStruct for Shown<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), M::Error> {
        if self.shows(key) { self.map.serialize_entry(key, value) } else { Ok(()) }
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<M: SerializeMap> SerializeMap for Shown<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        // A key may be of any type that is a string in JSON.
        let text = serde_json::to_value(key).map_err(M::Error::custom)?;
        self.skipping = text.as_str().is_some_and(|name| !self.shows(name));
        if self.skipping { Ok(()) } else { self.map.serialize_key(key) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        if self.skipping { Ok(()) } else { self.map.serialize_value(value) }
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

macro_rules! no_objects {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, _: $type) -> Result<(), M::Error> {
            Err(no_object())
        })*
    };
}

fn no_object<E: Error>() -> E {
    E::custom("a profile must be written as an object")
}

impl<M: SerializeMap> Serializer for Shown<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = Impossible<(), M::Error>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), M::Error>;

    fn serialize_map(self, _: Option<usize>) -> Result<Self, M::Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, M::Error> {
        Ok(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }

    no_objects! {
        serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_u8(u8)
        serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_f32(f32) serialize_f64(f64) serialize_char(char)
        serialize_str(&str) serialize_bytes(&[u8])
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, M::Error> {
        Err(no_object())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, M::Error> {
        Err(no_object())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, M::Error> {
        Err(no_object())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), M::Error> {
        Err(no_object())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), M::Error> {
        Err(no_object())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        Err(no_object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        Err(no_object())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::{EmailAddress, NoProfile};

    /// A profile with a map of free fields, and a hidden field.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Free {
        score: f32,
        note: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    impl Profile for Free {
        const HIDDEN: &'static [&'static str] = &["note", "secret"];
        type Register = NoProfile;
        type Update = NoProfile;
        type AdminUpdate = NoProfile;

        fn create(_: NoProfile) -> Self {
            let fixed = FIXED.iter().map(|name| ((*name).to_owned(), json!("0")));
            let rest = fixed.chain([("colour".to_owned(), json!({ "id": 1 })), ("secret".to_owned(), json!(1))]);
            Self { score: 0.1, note: "watch this one".to_owned(), rest: rest.collect() }
        }

        fn apply(&mut self, _: NoProfile) {}

        fn apply_admin(&mut self, _: NoProfile) {}
    }

    fn user<P>(profile: P) -> User<P, i64> {
        User {
            id: 7,
            email: EmailAddress::parse("ada@example.com").unwrap(),
            username: None,
            is_active: true,
            is_superuser: false,
            is_verified: false,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            profile,
        }
    }

    #[test]
    fn m6_a_hidden_field_and_a_second_field_of_a_fixed_name_are_not_shown() {
        const FIXED_FIELDS: &str = r#""id":7,"email":"ada@example.com","is_active":true,"is_superuser":false,"is_verified":false,"created_at":"1970-01-01T00:00:00Z""#;
        let shown = serde_json::to_string(&user(Free::create(NoProfile))).unwrap();
        assert_eq!(shown, format!(r#"{{{FIXED_FIELDS},"score":0.1,"colour":{{"id":1}}}}"#));
        assert_eq!(serde_json::to_string(&user(NoProfile)).unwrap(), format!("{{{FIXED_FIELDS}}}"));
    }
}
