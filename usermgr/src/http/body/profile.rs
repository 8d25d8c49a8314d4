//! The profile's part of a body: an object goes in, the application's own type comes out, or a fault for each field that is wrong.
//!
//! Only the type knows what it takes, and serde tells of one fault at a time. So the object is read again and again: with a value that
//! stands for what was expected put in its place, without the field whose fault is known already, or with something in the place of a
//! field that is missing.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{fault, flag, loc};
use crate::user::{Step, missing_field, place};

/// How often an object is read at most.
const MOST: usize = 32;

pub(super) fn read<T: DeserializeOwned>(sent: &Map<String, Value>) -> Result<T, Vec<Value>> {
    let mut object = Value::Object(sent.clone());
    let mut faults = Vec::new();
    // The fields of known faults, which are not told as missing when they are taken out.
    let mut told: Vec<String> = Vec::new();
    for reading in 1.. {
        let error = match serde_path_to_error::deserialize::<_, T>(&object) {
            Ok(profile) if faults.is_empty() => return Ok(profile),
            Ok(_) => break,
            Err(error) => error,
        };
        let last = reading == MOST;
        let steps = place(&error);
        let Some(Step::Field(field)) = steps.first().cloned() else {
            // One of the whole object: nothing can be taken out of it.
            faults.push(one_fault(&error, &steps, &Value::Object(sent.clone())));
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
        if !told.contains(&field) {
            faults.push(one_fault(&error, &steps, sent.get(&field).unwrap_or(&Value::Null)));
            told.push(field.clone());
        }
        if last || !passed::<T>(&mut object, &field, missing && steps.len() == 1) {
            break;
        }
    }
    Err(faults)
}

/// Gets past a field whose fault is known, to learn of the others: it is taken out, or, where it is missing, filled with what its type
/// takes. `false` when it takes nothing simple.
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

/// How serde's own messages begin that end in what was expected.
const EXPECTING: [&str; 4] = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];

/// How serde's other messages begin.
const OTHERS: [&str; 5] =
    ["missing field", "duplicate field", "unknown field", "data did not match any variant", "no variant"];

/// What serde_json says of a number that is no whole one where it keeps every digit (`arbitrary_precision`): it knows no type there.
const NOT_WHOLE: &str = "invalid number";

/// What serde expected. Its words may repeat the value before.
fn expected(text: &str) -> Option<&str> {
    if text == NOT_WHOLE {
        return Some("a whole number");
    }
    let (_, expected) = text.rsplit_once(", expected ")?;
    EXPECTING.iter().any(|start| text.starts_with(start)).then_some(expected)
}

/// A value that stands for what was expected, as pydantic reads it, where it can be meant in one way only.
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

/// The whole number that a text or a number with a fraction of zeros stands for.
fn whole(value: &Value) -> Option<Value> {
    /// Beyond it not every whole number is a number of 64 bits with a fraction.
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

/// The entry for a fault: what serde expected, or what the application's own type says, without any value that was sent.
fn one_fault(error: &serde_path_to_error::Error<serde_json::Error>, steps: &[Step], sent: &Value) -> Value {
    if missing_field(error.inner()).is_some() {
        return fault("missing", loc(steps), "Field required");
    }
    let text = error.inner().to_string();
    let message = match expected(&text) {
        Some(expected) => match (range(expected), expected) {
            (Some((from, to)), _) => format!("Input should be a whole number from {from} to {to}"),
            (None, "f32" | "f64") => "Input should be a number".to_owned(),
            (None, expected) => format!("Input should be {expected}"),
        },
        None => own_words(&text, sent).unwrap_or("Input is not valid").to_owned(),
    };
    fault("value_error", loc(steps), &message)
}

/// The words of the application's own type, unless they repeat what was sent, or are serde's.
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

/// Whether a text in lower case has a word of what was sent: a long one anywhere, a short one as a word.
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
