//! Check digits of GS1 item numbers (GS1 General Specifications, section 7.9).

/// The check digit of the given digits (without it): weights 3 and 1 from the right, up to the next multiple of ten.
/// `None` if one of them is no ASCII digit.
#[must_use]
pub fn check_digit(body: &str) -> Option<u32> {
    let mut sum = 0;
    for (at, digit) in body.chars().rev().enumerate() {
        sum += digit.to_digit(10)? * if at % 2 == 0 { 3 } else { 1 };
    }
    Some((10 - sum % 10) % 10)
}

/// The body with its check digit. A body that is no number is left as it is.
#[must_use]
pub fn complete(body: &str) -> String {
    match check_digit(body) {
        Some(digit) => format!("{body}{digit}"),
        None => body.to_owned(),
    }
}

/// Whether the last digit is the check digit of the others, whatever the length.
#[must_use]
pub fn is_valid(code: &str) -> bool {
    let Some((last, body)) = code
        .chars()
        .next_back()
        .map(|last| (last, &code[..code.len() - last.len_utf8()]))
    else {
        return false;
    };
    !body.is_empty() && last.is_ascii_digit() && last.to_digit(10) == check_digit(body)
}

/// The code with a check digit that fails.
pub(super) fn spoil(code: &str) -> String {
    let body = &code[..code.len().saturating_sub(1)];
    match check_digit(body) {
        Some(digit) => format!("{body}{}", (digit + 1) % 10),
        None => code.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_agree_with_the_examples_of_the_general_specifications() {
        // GTIN-8, GTIN-12, GTIN-13 (GS1's own demonstration prefix) and GTIN-14.
        for code in ["96385074", "036000291452", "9521234543213", "10614141543219"] {
            assert!(is_valid(code), "{code}");
            assert_eq!(complete(&code[..code.len() - 1]), code);
        }
    }

    #[test]
    fn one_wrong_digit_is_always_seen() {
        for at in 0..12 {
            let mut code = String::from("036000291452").into_bytes();
            code[at] = b'0' + (code[at] - b'0' + 1) % 10;
            assert!(!is_valid(std::str::from_utf8(&code).unwrap()));
        }
    }

    #[test]
    fn what_is_no_number_has_no_check_digit() {
        for code in ["", "7", "12a4", "１２", "é1"] {
            assert!(!is_valid(code), "{code}");
        }
        assert!(!is_valid(&spoil("036000291452")));
    }
}
