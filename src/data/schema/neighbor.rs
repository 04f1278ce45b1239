//! Leaves near another one. A rule that accepts a value mostly accepts its neighbors too: the next day, the next year,
//! another last character.

use super::payload;

/// The bytes of a leaf that is so many steps away; `None` if there is none.
pub(super) fn neighbor(name: &str, bytes: &[u8], steps: i32) -> Option<Vec<u8>> {
    match name {
        "bool" => encoded(&(take::<bool>(bytes)? ^ (steps & 1 == 1))),
        "u8" | "i8" => Some(vec![wrapped(take(bytes)?, steps)]),
        "f32" => encoded(&(take::<f32>(bytes)? + steps as f32)),
        "f64" => encoded(&(take::<f64>(bytes)? + f64::from(steps))),
        "char" => encoded(&char::from_u32(u32::from(take::<char>(bytes)?).checked_add_signed(steps)?)?),
        "str" => encoded(text(take(bytes)?, steps).as_str()),
        "bytes" => {
            let other = with_another_end(take::<&[u8]>(bytes)?, steps);
            let mut encoded = encoded(&other.len())?;
            encoded.extend(other);
            Some(encoded)
        }
        _ => {
            let (value, most): (u128, u128) = (take(bytes)?, most(name)?);
            // Every second code of a signed number has the same sign.
            let steps = if name.starts_with('i') { i128::from(steps) * 2 } else { i128::from(steps) };
            let near = [steps, -steps].into_iter().filter_map(|steps| value.checked_add_signed(steps));
            encoded(&near.into_iter().find(|near| *near <= most)?)
        }
    }
}

/// The largest code of a number of variable length.
fn most(name: &str) -> Option<u128> {
    Some(match name.get(1..)? {
        "16" => u16::MAX.into(),
        "32" => u32::MAX.into(),
        "64" => u64::MAX.into(),
        "128" => u128::MAX,
        _ => return None,
    })
}

/// The last letters and digits move on like those of an odometer. If there are none, a number is appended.
fn text(text: &str, steps: i32) -> String {
    let (mut bytes, mut carry) = (text.as_bytes().to_vec(), i64::from(steps));
    for byte in bytes.iter_mut().rev() {
        let (first, size) = match byte {
            b'0'..=b'9' => (b'0', 10),
            b'a'..=b'z' => (b'a', 26),
            b'A'..=b'Z' => (b'A', 26),
            _ => continue,
        };
        let sum = i64::from(*byte - first) + carry;
        *byte = first + u8::try_from(sum.rem_euclid(size)).unwrap_or(0);
        carry = sum.div_euclid(size);
        if carry == 0 {
            break;
        }
    }
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    if carry != 0 {
        text.push_str(&carry.to_string());
    }
    text
}

fn with_another_end(bytes: &[u8], steps: i32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match bytes.last_mut() {
        Some(last) => *last = wrapped(*last, steps),
        None => bytes.push(wrapped(0, steps)),
    }
    bytes
}

fn wrapped(byte: u8, steps: i32) -> u8 {
    u8::try_from((i32::from(byte) + steps).rem_euclid(256)).unwrap_or(byte)
}

fn take<'b, P: serde::Deserialize<'b>>(bytes: &'b [u8]) -> Option<P> {
    payload::take(bytes).ok().map(|(value, _)| value)
}

fn encoded<P: serde::Serialize + ?Sized>(value: &P) -> Option<Vec<u8>> {
    payload::to_vec(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_move_on_like_an_odometer() {
        assert_eq!(text("2000-01-09", 1), "2000-01-10");
        assert_eq!(text("2000-01-01", -1), "2000-01-00");
        assert_eq!(text("bz", 1), "ca");
        assert_eq!(text("", 7), "7");
        assert_eq!(text("é!", 1), "é!1");
        assert_eq!(text("member-7", 2), "member-9");
    }

    #[test]
    fn numbers_keep_within_their_width_and_sign() {
        let near = |name, value: &dyn Fn() -> Vec<u8>, steps| neighbor(name, &value(), steps);
        assert_eq!(near("u16", &|| encoded(&u16::MAX).unwrap(), 1), encoded(&(u16::MAX - 1)));
        assert_eq!(near("u64", &|| encoded(&0_u64).unwrap(), -1), encoded(&1_u64));
        assert_eq!(near("i32", &|| encoded(&-1_i32).unwrap(), 1), encoded(&-2_i32));
        assert_eq!(near("u128", &|| encoded(&u128::MAX).unwrap(), 2), encoded(&(u128::MAX - 2)));
        assert_eq!(near("bool", &|| encoded(&true).unwrap(), 1), encoded(&false));
        assert_eq!(near("i8", &|| encoded(&-1_i8).unwrap(), 1), encoded(&0_i8));
    }
}
