//! `numeric` as PostgreSQL sends it: groups of four decimal digits, the first of which counts ten thousand to the power of its weight.

use quartermaster_tenants::Result;
use rust_decimal::Decimal;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type, accepts};

/// A decimal, read without an allocation. rust_decimal's own way makes three lists for each and divides for each group behind the
/// point, which a page of orders does four thousand times; what does not fit into 64 bits is left to it.
struct Numeric(Decimal);

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(of: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        match read(raw) {
            Some(value) => Ok(Self(value)),
            None => Decimal::from_sql(of, raw).map(Self),
        }
    }

    accepts!(NUMERIC);
}

/// A decimal of a row.
///
/// # Errors
/// The column is none, or null.
pub fn decimal(row: &Row, column: usize) -> Result<Decimal> {
    Ok(row.try_get::<_, Numeric>(column)?.0)
}

/// A decimal of a row, or null.
///
/// # Errors
/// The column is none.
pub fn decimal_or_null(row: &Row, column: usize) -> Result<Option<Decimal>> {
    Ok(row.try_get::<_, Option<Numeric>>(column)?.map(|value| value.0))
}

const NEGATIVE: u16 = 0x4000;

fn read(raw: &[u8]) -> Option<Decimal> {
    let (words, []) = raw.as_chunks::<2>() else {
        return None;
    };
    let [groups, weight, sign, scale, digits @ ..] = words else {
        return None;
    };
    let (weight, sign) = (i16::from_be_bytes(*weight), u16::from_be_bytes(*sign));
    let scale = u32::from(u16::from_be_bytes(*scale));
    if usize::from(u16::from_be_bytes(*groups)) != digits.len() || !matches!(sign, 0 | NEGATIVE) {
        return None;
    }
    let mut value = 0_u64;
    for group in digits {
        value = value
            .checked_mul(10_000)?
            .checked_add(u64::from(u16::from_be_bytes(*group)))?;
    }
    // The last group counts this power of ten; the scale says where the digits end.
    let last = (i32::from(weight) + 1 - i32::try_from(digits.len()).ok()?).checked_mul(4)?;
    let shift = last.checked_add_unsigned(scale)?;
    let power = 10_u64.checked_pow(shift.unsigned_abs());
    let mantissa = match (value, power) {
        (0, _) => 0,
        (_, None) => return None,
        (_, Some(power)) if shift >= 0 => value.checked_mul(power)?,
        (_, Some(power)) if value.is_multiple_of(power) => value / power,
        (_, Some(_)) => return None,
    };
    let mantissa = i128::from(mantissa);
    let signed = if sign == NEGATIVE { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, scale).ok()
}

#[cfg(test)]
mod tests {
    use super::{NEGATIVE, Numeric, read};
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use tokio_postgres::types::{FromSql, Type};

    proptest! {
        #[test]
        fn what_is_read_here_is_what_rust_decimal_reads(
            groups in proptest::collection::vec(0_u16..10_000, 0..6), weight in -4_i16..6, negative: bool, scale in 0_u16..26
        ) {
            let sign = if negative { NEGATIVE } else { 0 };
            let mut raw = Vec::new();
            raw.extend(u16::try_from(groups.len()).unwrap().to_be_bytes());
            raw.extend(weight.to_be_bytes());
            raw.extend(sign.to_be_bytes());
            raw.extend(scale.to_be_bytes());
            groups.iter().for_each(|group| raw.extend(group.to_be_bytes()));
            if let (Some(here), Ok(there)) = (read(&raw), Decimal::from_sql(&Type::NUMERIC, &raw)) {
                prop_assert_eq!((here, here.scale()), (there, there.scale()));
            }
        }

        #[test]
        fn no_bytes_panic(raw: Vec<u8>) {
            let _ = Numeric::from_sql(&Type::NUMERIC, &raw);
        }
    }

    #[test]
    fn numbers_of_every_day_are_read_here() {
        // 10.000000, 1234.5600 and 0.0025, as PostgreSQL sends them.
        for (groups, weight, scale, text) in [
            (&[10][..], 0_u16, 6_u16, "10.000000"),
            (&[1_234, 5_600][..], 0, 4, "1234.5600"),
            (&[25][..], 0xffff, 4, "0.0025"),
        ] {
            let head = [u16::try_from(groups.len()).unwrap(), weight, 0, scale];
            let raw: Vec<u8> = head
                .iter()
                .chain(groups)
                .flat_map(|word: &u16| word.to_be_bytes())
                .collect();
            assert_eq!(read(&raw).map(|d| d.to_string()).as_deref(), Some(text));
        }
    }
}
