//! Which fields a type takes from JSON, found by its own `Deserialize`, so that the input of a profile does not need a second description.

use serde::{
    Deserialize,
    de::{Error, IgnoredAny, Visitor, value::Error as Unread},
    forward_to_deserialize_any,
};

/// The names of a struct's fields in JSON; `None` for a type whose fields only its author knows.
pub(super) fn fields<'de, T: Deserialize<'de>>() -> Option<&'static [&'static str]> {
    let mut found = None;
    // It always fails: nothing is read, and only the names were needed.
    drop(T::deserialize(Asked(&mut found)));
    found
}

/// A deserializer that only records the names.
struct Asked<'a>(&'a mut Option<&'static [&'static str]>);

impl<'de> serde::Deserializer<'de> for Asked<'_> {
    type Error = Unread;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unread> {
        Err(Unread::custom(""))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Unread> {
        *self.0 = Some(fields);
        Err(Unread::custom(""))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unread> {
        IgnoredAny.visit_unit::<Unread>().and(Err(Unread::custom("")))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map enum identifier
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::fields;
    use crate::NoProfile;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its shape is asked for")]
    struct Address {
        first_line: String,
        #[serde(rename = "zip")]
        code: Option<u32>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is asked for")]
    struct Wrapped(Address);

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is asked for")]
    struct Open {
        #[serde(flatten)]
        address: Address,
    }

    #[test]
    fn the_fields_are_named_as_on_the_wire() {
        assert_eq!(fields::<Address>(), Some(&["firstLine", "zip"][..]));
        assert_eq!(fields::<Wrapped>(), Some(&["firstLine", "zip"][..]));
        assert_eq!(fields::<NoProfile>(), Some(&[][..]));
        assert_eq!(fields::<Open>(), None);
        assert_eq!(fields::<String>(), None);
    }
}
