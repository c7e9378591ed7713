//! What a steward does with the file of refused lines: takes out the numbers that were refused, and the sign that stands in a text
//! for what somebody could not read, and keeps the rest.

use super::files::table;
use bytes::Bytes;

/// Columns of the file that say which line was refused and why; an import ignores them.
const FIELD: &str = "refused_field";

/// The columns that may hold numbers of items.
pub(super) const NUMBERS: [&str; 4] = ["gtin", "inner_gtin", "case_gtin", "pallet_gtin"];

/// What stands where the bytes of a text were lost.
const LOST: char = '\u{fffd}';

/// The lines that were refused for a number or for a lost sign, without it; `None` when there are none.
pub(super) fn corrected(refused: &[u8]) -> Result<Option<Bytes>, csv::Error> {
    let mut reader = csv::Reader::from_reader(refused);
    let head = reader.headers()?.clone();
    let Some(why) = head.iter().position(|column| column == FIELD) else {
        return Ok(None);
    };
    let mut kept = Vec::new();
    for line in reader.records() {
        let line = line?;
        let field = line.get(why).unwrap_or_default();
        let Some(wrong) = head.iter().position(|column| column == field) else {
            continue;
        };
        let cell = line.get(wrong).unwrap_or_default();
        let lost = cell.contains(LOST);
        if !lost && !NUMBERS.contains(&field) {
            continue;
        }
        // One cell of a line is refused at a time, and the same text may stand in several.
        let mut cells: Vec<String> = line.iter().map(|c| c.replace(LOST, "")).collect();
        if !lost {
            cells[wrong].clear();
        }
        kept.push(cells);
    }
    if kept.is_empty() {
        return Ok(None);
    }
    table(head.iter(), kept.into_iter()).map(Some)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::corrected;

    #[test]
    fn only_what_was_refused_is_taken_out_and_only_such_lines_are_kept() {
        let refused = "refused_line,refused_field,refused_reason,sku,name,description,case_gtin\n\
            2,case_gtin,\"taken, elsewhere\",A,One,First,10036000291459\n\
            3,name,\"not UTF-8\",C,ESPAD\u{fffd}N,The ESPAD\u{fffd}N,2\n\
            5,base_unit,unknown,B,Two,Second,2\n";
        let kept = corrected(refused.as_bytes()).unwrap().unwrap();
        assert_eq!(
            std::str::from_utf8(&kept).unwrap(),
            "refused_line,refused_field,refused_reason,sku,name,description,case_gtin\n\
             2,case_gtin,\"taken, elsewhere\",A,One,First,\n\
             3,name,not UTF-8,C,ESPADN,The ESPADN,2\n"
        );
        assert!(
            corrected(b"refused_line,refused_field,sku\n2,name,A\n")
                .unwrap()
                .is_none()
        );
    }
}
