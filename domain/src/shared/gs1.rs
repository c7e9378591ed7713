//! GS1 keys: GTIN (8, 12, 13 or 14 digits) and GLN (13 digits), with the check digit of the GS1 General Specifications, 7.9.

use quartermaster_tenants::Refusal;

/// The check digit over the digits before it: weights 3 and 1 in turn from the right, then what is missing to ten.
#[must_use]
pub fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| u32::from(*d) * if i % 2 == 0 { 3 } else { 1 })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
}

fn is_valid(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    match digits.split_last() {
        Some((last, rest)) if digits.iter().all(|d| *d < 10) => check_digit(rest) == *last,
        _ => false,
    }
}

/// A GTIN as 14 digits, zeros in front: the form in which all four lengths compare.
///
/// # Errors
/// A refusal that names the field: a wrong length, something other than digits, a wrong check digit, nothing but zeros.
pub fn gtin(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    if !matches!(value.len(), 8 | 12 | 13 | 14) || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::invalid(field, "A GTIN has 8, 12, 13 or 14 digits."));
    }
    if value.bytes().all(|b| b == b'0') || !is_valid(value) {
        return Err(Refusal::invalid(field, "The check digit of this GTIN is wrong."));
    }
    Ok(format!("{value:0>14}"))
}

/// A GLN: 13 digits.
///
/// # Errors
/// A refusal that names the field.
pub fn gln(field: &[&str], value: &str) -> Result<String, Refusal> {
    let value = value.trim();
    if value.len() != 13 || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::invalid(field, "A GLN has 13 digits."));
    }
    if !is_valid(value) {
        return Err(Refusal::invalid(field, "The check digit of this GLN is wrong."));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_numbers_of_all_lengths_are_read_as_fourteen_digits() {
        // GS1 General Specifications, figure 7.9-1 (6291041500213), and printed goods.
        for (text, long) in [
            ("96385074", "00000096385074"),
            ("036000291452", "00036000291452"),
            ("6291041500213", "06291041500213"),
            ("4006381333931", "04006381333931"),
            ("10614141000415", "10614141000415"),
        ] {
            assert_eq!(gtin(&[], text).as_deref(), Ok(long));
        }
        assert_eq!(gln(&[], "9506000117843").as_deref(), Ok("9506000117843"));
    }

    #[test]
    fn other_lengths_letters_and_nothing_but_zeros_are_refused() {
        for text in [
            "",
            "123456789",
            "0036000291453",
            "03600029145A",
            "00000000",
            "٠٣٦٠٠٠٢٩١٤٥٢",
            "036000291453",
        ] {
            assert!(gtin(&["gtin"], text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(digits in prop::collection::vec(0_u8..10, 13), place in 0_usize..14, plus in 1_u8..10) {
            let mut all = digits.clone();
            all.push(check_digit(&digits));
            prop_assume!(all.iter().any(|d| *d != 0));
            let text = |d: &[u8]| d.iter().map(|d| char::from(b'0' + d)).collect::<String>();
            prop_assert!(gtin(&[], &text(&all)).is_ok());
            all[place] = (all[place] + plus) % 10;
            prop_assert!(gtin(&[], &text(&all)).is_err());
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = (gtin(&[], &text), gln(&[], &text));
        }
    }
}
