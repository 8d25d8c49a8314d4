//! What is read from the answer of a browser before anything in it is believed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// The longest id of a passkey (WebAuthn, 4: credential id).
pub(crate) const LONGEST_ID: usize = 1023;
/// How many transports of a passkey are kept. WebAuthn (5.8.4) names six.
const MOST_TRANSPORTS: usize = 8;

/// The id of the passkey that has answered, and the handle of its user if the authenticator keeps it.
pub(crate) struct Named {
    pub(crate) id: Vec<u8>,
    pub(crate) handle: Option<Vec<u8>>,
}

/// Reads which passkey has answered.
pub(crate) fn named(answer: &Value) -> Option<Named> {
    let id = bytes(answer.get("id")?)?;
    let handle = match answer.pointer("/response/userHandle") {
        None | Some(Value::Null) => None,
        Some(handle) => Some(bytes(handle)?),
    };
    (!id.is_empty() && id.len() <= LONGEST_ID).then_some(Named { id, handle })
}

/// The transports that a client reports at a registration: only what has the shape of one, because they are shown to
/// clients again.
pub(crate) fn transports(answer: &Value) -> Vec<String> {
    let reported = answer.pointer("/response/transports").and_then(Value::as_array);
    let in_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    let is_name = |text: &&str| (1..=32).contains(&text.len()) && text.bytes().all(in_name);
    let named = reported.into_iter().flatten().filter_map(Value::as_str).filter(is_name);
    named.take(MOST_TRANSPORTS).map(str::to_owned).collect()
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(value.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pk9_an_answer_names_a_passkey_or_nothing() {
        let named = |answer: Value| named(&answer).map(|named| (named.id, named.handle));
        assert_eq!(named(json!({ "id": "AQI" })), Some((vec![1, 2], None)));
        assert_eq!(named(json!({ "id": "AQI", "response": { "userHandle": null } })), Some((vec![1, 2], None)));
        let both = json!({ "id": "AQI", "response": { "userHandle": "Aw" } });
        assert_eq!(named(both), Some((vec![1, 2], Some(vec![3]))));
        let longest = URL_SAFE_NO_PAD.encode([7; LONGEST_ID]);
        assert!(named(json!({ "id": longest })).is_some());
        let longer = URL_SAFE_NO_PAD.encode([7; LONGEST_ID + 1]);
        for wrong in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "id": 1 }),
            json!({ "id": "" }),
            json!({ "id": "AQI=" }),
            json!({ "id": "A+I" }),
            json!({ "id": longer }),
            json!({ "id": "AQI", "response": { "userHandle": 7 } }),
            json!({ "id": "AQI", "response": { "userHandle": "=" } }),
        ] {
            assert_eq!(named(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn transports_are_kept_as_names_and_not_many() {
        let kept = |list: Value| transports(&json!({ "response": { "transports": list } }));
        assert_eq!(kept(json!(["internal", "hybrid", "smart-card", "<b>", "", 7, "x".repeat(33)])).len(), 3);
        assert_eq!(kept(json!(vec!["usb"; 9])).len(), MOST_TRANSPORTS);
        assert!(kept(json!("usb")).is_empty());
        assert!(transports(&json!(null)).is_empty());
    }
}
