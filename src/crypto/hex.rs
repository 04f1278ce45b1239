//! Hexadecimal digits, lower case alone, without a table: keys are written in them.

use std::fmt;

use crate::crypto::secret::Zeroizing;

/// Two digits a byte.
pub(crate) fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| digits_of(*byte))
}

/// Writes two digits a byte, as far as there is room.
pub(crate) fn encode(bytes: &[u8], text: &mut [u8]) {
    text.chunks_exact_mut(2).zip(bytes).for_each(|(pair, byte)| pair.copy_from_slice(&digits_of(*byte)));
}

const fn digits_of(byte: u8) -> [u8; 2] {
    [digit_of(byte >> 4), digit_of(byte & 15)]
}

/// Writes the digits of something public.
pub(crate) fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Decodes hexadecimal digits without a table and without a branch on a digit: a look-up whose place depends on a
/// secret leaks it through the cache (FORMAT §15). Only whether all of them were digits is decided on, at the end.
pub(crate) fn decode(digits: &[u8], bytes: &mut [u8]) -> Option<()> {
    if digits.len() != bytes.len().saturating_mul(2) {
        return None;
    }
    let mut all_valid = u8::MAX;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let (value, valid) = value_of(*digit);
            *byte = *byte << 4 | value;
            all_valid &= valid;
        }
    }
    (all_valid == u8::MAX).then_some(())
}

/// As [`decode`], for secret bytes.
pub(crate) fn bytes<const N: usize>(digits: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    decode(digits, &mut *bytes)?;
    Some(bytes)
}

/// The value of a lower-case digit, and a mask: all ones if it was one.
const fn value_of(digit: u8) -> (u8, u8) {
    let decimal = digit.wrapping_sub(b'0');
    let is_decimal = below(decimal, 10);
    let letter = digit.wrapping_sub(b'a');
    let is_letter = below(letter, 6);
    (decimal & is_decimal | letter.wrapping_add(10) & is_letter, is_decimal | is_letter)
}

/// All ones if `value < limit`, else zero; for limits of at most 128.
const fn below(value: u8, limit: u8) -> u8 {
    // Where value < limit the subtraction borrows and the top bit comes out set, unless it was set to begin with.
    ((!value & value.wrapping_sub(limit)) >> 7).wrapping_neg()
}

/// The digit of a value under 16, likewise without a table.
const fn digit_of(value: u8) -> u8 {
    let is_letter = !below(value, 10);
    value.wrapping_add(b'0').wrapping_add((b'a' - b'0' - 10) & is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_without_tables_is_the_usual_one() {
        for digit in 0..=u8::MAX {
            let expected = match digit {
                b'0'..=b'9' => (digit - b'0', u8::MAX),
                b'a'..=b'f' => (digit - b'a' + 10, u8::MAX),
                _ => (0, 0),
            };
            assert_eq!(value_of(digit), expected, "{digit}");
        }
        for value in 0..16 {
            assert_eq!(char::from(digit_of(value)), char::from_digit(value.into(), 16).unwrap());
        }
    }
}
