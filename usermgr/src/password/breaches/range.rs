//! The text of a range: `<35 hexadecimal digits>:<count>` on each line. A count of 0 is padding.

use super::Unchecked;

/// The longest text that is read, in bytes. Ranges have some 50 KB.
pub(super) const MOST: u64 = 1 << 20;
/// The digits of a digest after those of the range.
const REST: usize = 35;

/// Returns whether the text lists the digest with these last digits. A list with a line that cannot be read proves
/// nothing about a digest that it lacks, but it does about one that it has.
pub(super) fn contains(text: &[u8], rest: &str) -> Result<bool, Unchecked> {
    if text.len() as u64 > MOST {
        return Err(Unchecked::TooLong);
    }
    let mut readable = true;
    for line in text.strip_suffix(b"\n").unwrap_or(text).split(|byte| *byte == b'\n') {
        match entry(line.strip_suffix(b"\r").unwrap_or(line)) {
            Some((digits, true)) if digits.eq_ignore_ascii_case(rest.as_bytes()) => return Ok(true),
            Some(_) => {}
            None => readable = false,
        }
    }
    if readable { Ok(false) } else { Err(Unchecked::Unreadable) }
}

/// Returns the digits of a line, and whether its count is above 0.
fn entry(line: &[u8]) -> Option<(&[u8], bool)> {
    let (digits, count) = line.split_at_checked(REST)?;
    let count = count.strip_prefix(b":")?;
    let readable = digits.iter().all(u8::is_ascii_hexdigit)
        && (1..=12).contains(&count.len())
        && count.iter().all(u8::is_ascii_digit);
    readable.then(|| (digits, count.iter().any(|digit| *digit != b'0')))
}
