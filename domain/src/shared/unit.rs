//! Units of UN/ECE Recommendation 20 (and the package codes of Recommendation 21, prefixed with X, that Peppol allows).

use quartermaster_tenants::Refusal;
use quartermaster_tenants::error::Code;

/// The units that the product knows: code, name, and the decimals that a quantity in it may have.
pub const UNITS: &[(&str, &str, u32)] = &[
    ("EA", "each", 0),
    ("C62", "one (piece)", 0),
    ("H87", "piece", 0),
    ("PR", "pair", 0),
    ("DZN", "dozen", 0),
    ("SET", "set", 0),
    ("PK", "pack", 0),
    ("XPK", "package", 0),
    ("XBX", "box", 0),
    ("XCT", "carton", 0),
    ("CS", "case", 0),
    ("XCS", "case (package)", 0),
    ("XBO", "bottle", 0),
    ("XBG", "bag", 0),
    ("XPX", "pallet", 0),
    ("PF", "pallet (lift)", 0),
    ("KGM", "kilogram", 6),
    ("GRM", "gram", 3),
    ("TNE", "tonne", 6),
    ("LBR", "pound", 6),
    ("ONZ", "ounce", 6),
    ("LTR", "litre", 6),
    ("MLT", "millilitre", 3),
    ("GLL", "gallon (US)", 6),
    ("MTR", "metre", 6),
    ("CMT", "centimetre", 3),
    ("MTK", "square metre", 6),
    ("MTQ", "cubic metre", 6),
    ("FOT", "foot", 6),
    ("HUR", "hour", 4),
    ("DAY", "day", 4),
];

/// Checks a unit code.
///
/// # Errors
/// A refusal that names the field.
pub fn parse(field: &[&str], code: &str) -> Result<&'static str, Refusal> {
    UNITS
        .iter()
        .find(|(c, _, _)| *c == code)
        .map(|(c, _, _)| *c)
        .ok_or_else(|| {
            Refusal::new(
                Code::UnknownCode,
                field,
                "This unit is not one of UN/ECE Recommendation 20 that the product knows.",
            )
        })
}
