//! Numbers as filter policies compare them.
//!
//! S7. Numbers are compared by value with five digits after the decimal point; 300, 300.0 and 3e2
//! are the same. Source: SNS developer guide, "Filter policy constraints". Shown by: the test
//! `equal_values_are_equal_however_written`.
//!
//! Simplified: the documented range is from -10⁹ to 10⁹; numbers beyond are taken and compared too.

/// A number in units of 0.00001. What is finer is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

/// How many digits after the decimal point count.
const DIGITS: i64 = 5;

impl Decimal {
    /// Reads a number as JSON writes it.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let mut value: i128 = 0;
        // What the digits read so far must be multiplied with, as a power of ten.
        let mut power = i64::from(exponent) + DIGITS - i64::try_from(fraction.len()).ok()?;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if value < i128::from(i64::MAX) {
                value = value * 10 + i128::from(byte - b'0');
            } else {
                power += 1;
            }
        }
        for _ in 0..power.unsigned_abs().min(40) {
            value = if power > 0 {
                value.saturating_mul(10)
            } else {
                value / 10
            };
        }
        let value = if is_negative { -value } else { value };
        let limits = (i128::from(i64::MIN), i128::from(i64::MAX));
        i64::try_from(value.clamp(limits.0, limits.1))
            .ok()
            .map(Decimal)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn equal_values_are_equal_however_written() {
        for text in ["300.0", "3e2", "3.000000000E+2", "+300", "0300", "30000e-2"] {
            assert_eq!(Decimal::parse(text), Decimal::parse("300"), "{text}");
        }
        assert!(Decimal::parse("-0.00001") < Decimal::parse("0"));
        assert_eq!(Decimal::parse("0.000001"), Decimal::parse("0"));
        assert_eq!(Decimal::parse("1e9999"), Decimal::parse("1e40"));
        for text in ["", "-", ".", "x", "1x", "1e", "0x10", "1.2.3", "NaN", "--1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
