//! The profile's part of a body: an object goes in, the application's own type comes out, or a fault for each field that is wrong.
//!
//! Only the type knows what it accepts, and serde reports one fault at a time. So the object is read repeatedly: with a value that
//! represents what was expected, without the field whose fault is already known, or with a placeholder for a
//! missing field.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{fault, flag, json::reason, loc};
use crate::user::{Step, missing_field, place};

/// The maximum number of times that an object is read.
const MOST: usize = 32;

pub(super) fn read<T: DeserializeOwned>(sent: &Map<String, Value>) -> Result<T, Vec<Value>> {
    let mut object = Value::Object(sent.clone());
    let mut faults = Vec::new();
    // The fields of known faults, which are not reported as missing when they are taken out.
    let mut reported: Vec<String> = Vec::new();
    for reading in 1.. {
        let error = match serde_path_to_error::deserialize::<_, T>(&object) {
            Ok(profile) if faults.is_empty() => return Ok(profile),
            Ok(_) => break,
            Err(error) => error,
        };
        let last = reading == MOST;
        let steps = place(&error);
        let Some(Step::Field(field)) = steps.first().cloned() else {
            // A fault of the whole object: nothing can be taken out of it.
            faults.push(one_fault(&error, &steps, Some(&Value::Object(sent.clone()))));
            break;
        };
        let missing = missing_field(error.inner()).is_some();
        if !missing
            && !last
            && let Some(expected) = expected(&error.inner().to_string())
            && let Some(value) = object.pointer_mut(&pointer(&steps))
            && let Some(converted) = converted(value, expected)
        {
            *value = converted;
            continue;
        }
        if !reported.contains(&field) {
            faults.push(one_fault(&error, &steps, Some(sent.get(&field).unwrap_or(&Value::Null))));
            reported.push(field.clone());
        }
        if last || !passed::<T>(&mut object, &field, missing && steps.len() == 1) {
            break;
        }
    }
    Err(faults)
}

/// Skips a field whose fault is known, to find the others: it is taken out, or, if it is missing, filled with a value that its type
/// accepts. `false` if the type accepts no simple value.
fn passed<T: DeserializeOwned>(object: &mut Value, field: &str, missing: bool) -> bool {
    let Value::Object(map) = object else { return false };
    if !missing {
        return map.remove(field).is_some();
    }
    [Value::Null, json!(""), json!(0), json!(false), json!([]), json!({})].into_iter().any(|value| {
        object[field] = value;
        let read = serde_path_to_error::deserialize::<_, T>(&*object);
        read.err().is_none_or(|error| place(&error).first() != Some(&Step::Field(field.to_owned())))
    })
}

fn pointer(steps: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Field(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        Step::Item(index) => format!("/{index}"),
    };
    steps.iter().map(step).collect()
}

/// The beginnings of serde's messages that end in what was expected.
const EXPECTING: [&str; 4] = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];

/// The beginnings of serde's other messages.
const OTHERS: [&str; 5] =
    ["missing field", "duplicate field", "unknown field", "data did not match any variant", "no variant"];

/// The message of serde_json for a number that is not a whole number, with the feature `arbitrary_precision`: it names no type then.
const NOT_WHOLE: &str = "invalid number";

/// What serde expected. The text before it may repeat the value.
fn expected(text: &str) -> Option<&str> {
    if text == NOT_WHOLE {
        return Some("a whole number");
    }
    let (_, expected) = text.rsplit_once(", expected ")?;
    EXPECTING.iter().any(|start| text.starts_with(start)).then_some(expected)
}

/// A value that represents what was expected, as pydantic reads it, if there is only one way to read it.
fn converted(value: &Value, expected: &str) -> Option<Value> {
    match expected {
        "a boolean" => flag(value).ok().map(Value::Bool),
        "f32" | "f64" => {
            let number: f64 = value.as_str()?.trim().parse().ok()?;
            number.is_finite().then(|| json!(number))
        }
        "a whole number" => whole(value),
        _ if range(expected).is_some() => whole(value),
        _ => None,
    }
}

/// The whole number that a text represents, or a number with a fraction of zeros.
fn whole(value: &Value) -> Option<Value> {
    /// Beyond this, not every whole number can be represented as `f64`.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::String(text) => {
            let (text, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
            let zeros = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
            let signed = || text.parse::<i64>().map(|number| json!(number)).ok();
            zeros.then(|| signed().or_else(|| text.parse::<u64>().map(|number| json!(number)).ok())).flatten()
        }
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            let number = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT)?;
            Some(json!(number as i64))
        }
        _ => None,
    }
}

/// The bounds of a type of whole numbers.
fn range(name: &str) -> Option<(i128, i128)> {
    macro_rules! bounds {
        ($($type:ident)*) => {
            match name {
                $(stringify!($type) => Some(($type::MIN as i128, $type::MAX as i128)),)*
                _ => None,
            }
        };
    }
    bounds!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize)
}

/// The entry for a fault: what serde expected, or the message of the application's own type, without any value that was sent. If that is
/// unknown, no own message is repeated.
pub(super) fn one_fault(
    error: &serde_path_to_error::Error<serde_json::Error>,
    steps: &[Step],
    sent: Option<&Value>,
) -> Value {
    if missing_field(error.inner()).is_some() {
        return fault("missing", loc(steps), "Field required");
    }
    let text = reason(error.inner());
    let message = match expected(&text) {
        Some(expected) => match (range(expected), expected) {
            (Some((from, to)), _) => format!("Input should be a whole number from {from} to {to}"),
            (None, "f32" | "f64") => "Input should be a number".to_owned(),
            (None, expected) => format!("Input should be {expected}"),
        },
        None => sent.and_then(|sent| own_words(&text, sent)).unwrap_or("Input is not valid").to_owned(),
    };
    fault("value_error", loc(steps), &message)
}

/// The message of the application's own type, unless it repeats what was sent or is serde's.
fn own_words<'t>(text: &'t str, sent: &Value) -> Option<&'t str> {
    const LONGEST: usize = 200;
    let serdes = EXPECTING.iter().chain(&OTHERS).any(|start| text.starts_with(start));
    (!serdes && text.len() <= LONGEST && !repeats(&text.to_lowercase(), sent)).then_some(text)
}

fn repeats(text: &str, sent: &Value) -> bool {
    match sent {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => has_word_of(text, &number.to_string()),
        Value::String(value) => has_word_of(text, value),
        Value::Array(values) => values.iter().any(|value| repeats(text, value)),
        Value::Object(map) => map.iter().any(|(name, value)| has_word_of(text, name) || repeats(text, value)),
    }
}

/// Whether a lower-case text contains a word of what was sent: a long one anywhere, a short one as a whole word.
fn has_word_of(text: &str, sent: &str) -> bool {
    const LONG: usize = 4;
    fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
    }
    let sent = sent.trim().to_lowercase();
    let mut own = words(&sent).peekable();
    if own.peek().is_none() {
        return !sent.is_empty() && text.contains(&sent);
    }
    own.any(|word| match word.chars().count() {
        LONG.. => text.contains(word),
        _ => words(text).any(|other| other == word),
    })
}
