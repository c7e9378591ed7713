//! What a steward does with the file of refused lines: takes the numbers out that were refused, and keeps the rest.

use super::files::table;
use bytes::Bytes;

/// Columns of the file that say which line was refused and why; an import ignores them.
const FIELD: &str = "refused_field";

/// The columns that may hold numbers of items.
pub(super) const NUMBERS: [&str; 4] = ["gtin", "inner_gtin", "case_gtin", "pallet_gtin"];

/// The lines that were refused for a number, without it; `None` when there are none.
pub(super) fn without_taken_numbers(refused: &[u8]) -> Result<Option<Bytes>, csv::Error> {
    let mut reader = csv::Reader::from_reader(refused);
    let head = reader.headers()?.clone();
    let Some(why) = head.iter().position(|column| column == FIELD) else {
        return Ok(None);
    };
    let mut kept = Vec::new();
    for line in reader.records() {
        let line = line?;
        let field = line.get(why).unwrap_or_default();
        let wrong = head
            .iter()
            .position(|column| column == field)
            .filter(|_| NUMBERS.contains(&field));
        if let Some(wrong) = wrong {
            let cells = line.iter().enumerate();
            let cells = cells.map(|(at, cell)| if at == wrong { "" } else { cell });
            kept.push(cells.map(str::to_owned).collect::<Vec<_>>());
        }
    }
    if kept.is_empty() {
        return Ok(None);
    }
    table(head.iter(), kept.into_iter()).map(Some)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::without_taken_numbers;

    #[test]
    fn only_the_refused_number_is_taken_out_and_only_such_lines_are_kept() {
        let refused = "refused_line,refused_field,refused_reason,sku,gtin,case_gtin\n\
            2,case_gtin,\"taken, elsewhere\",A,036000291452,10036000291459\n\
            5,base_unit,unknown,B,1,2\n";
        let kept = without_taken_numbers(refused.as_bytes()).unwrap().unwrap();
        assert_eq!(
            std::str::from_utf8(&kept).unwrap(),
            "refused_line,refused_field,refused_reason,sku,gtin,case_gtin\n\
             2,case_gtin,\"taken, elsewhere\",A,036000291452,\n"
        );
        assert!(
            without_taken_numbers(b"refused_line,refused_field,sku\n2,name,A\n")
                .unwrap()
                .is_none()
        );
    }
}
