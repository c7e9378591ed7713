//! Crockford's base32 in lower case, most significant bit first, as TypeID writes UUIDs: 16 bytes are 26 characters,
//! 32 bytes are 52.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Number of characters that `bytes` bytes take.
const fn encoded_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// The bytes as one big-endian number, padded with zero bits on the left.
pub(super) fn encode(bytes: &[u8]) -> String {
    let length = encoded_len(bytes.len());
    let mut text = String::with_capacity(length);
    let mut held: u32 = 0;
    let mut bits = length * 5 - bytes.len() * 8;
    for &byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    text
}

/// The one spelling that [`encode`] writes; upper case, look-alikes, other lengths and set padding bits are not read,
/// so that two different texts never name the same thing.
pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != encoded_len(N) {
        return None;
    }
    let mut bytes = [0; N];
    let mut at = 0;
    let mut held: u32 = 0;
    let mut padding = encoded_len(N) * 5 - N * 8;
    let mut bits = 0;
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == character)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if padding > 0 {
            if held >> (5 - padding) != 0 {
                return None;
            }
            bits -= padding;
            padding = 0;
        }
        if bits >= 8 {
            bits -= 8;
            bytes[at] = (held >> bits) as u8;
            at += 1;
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn it_writes_uuids_as_the_typeid_specification_does() {
        let valid = [
            ("00000000-0000-0000-0000-000000000000", "00000000000000000000000000"),
            ("00000000-0000-0000-0000-000000000001", "00000000000000000000000001"),
            ("00000000-0000-0000-0000-00000000000a", "0000000000000000000000000a"),
            ("ffffffff-ffff-ffff-ffff-ffffffffffff", "7zzzzzzzzzzzzzzzzzzzzzzzzz"),
            ("0110c853-1d09-52d8-d73e-1194e95b5f19", "0123456789abcdefghjkmnpqrs"),
        ];
        for (uuid, text) in valid {
            let uuid: uuid::Uuid = uuid.parse().unwrap();
            assert_eq!(encode(uuid.as_bytes()), text);
            assert_eq!(decode::<16>(text), Some(*uuid.as_bytes()));
        }
    }

    #[test]
    fn it_reads_no_second_spelling() {
        for text in [
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "0123456789ABCDEFGHJKMNPQRS",
            "0123456789abcdefghjkmnpqri",
            "0123456789abcdefghjkmnpqr",
            "0123456789abcdefghjkmnpqrss",
            "0123456789abcdefghjkmnpqé",
            "",
        ] {
            assert_eq!(decode::<16>(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(secret: [u8; 32]) {
            let text = encode(&secret);
            proptest::prop_assert_eq!(text.len(), 52);
            proptest::prop_assert_eq!(decode::<32>(&text), Some(secret));
        }
    }
}
