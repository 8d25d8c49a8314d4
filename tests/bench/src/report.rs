//! The tables as Markdown, for a terminal and for the guide alike.

use std::fmt::Write as _;

use crate::{
    results::{Results, Table},
    statistics::Aim,
};

/// What was measured: the medians of all rounds.
pub(crate) fn medians(table: &Table) -> String {
    let measures = table.measures();
    let head = measures.iter().map(|measure| measure.title().to_owned());
    let rows = table.contenders.iter().map(|contender| {
        let cells = measures.iter().map(|measure| contender.median(*measure).map_or_else(String::new, number));
        std::iter::once(contender.name.clone()).chain(cells).collect()
    });
    markdown(std::iter::once(table.workload.clone()).chain(head).collect(), rows)
}

/// The range around the median of a ratio.
pub(crate) const MIDDLE_HALF: &str = "middle half";
/// The same beside an earlier version.
pub(crate) const INTERVAL: &str = "95 % interval";

/// What follows from it: the medians of the ratios of all rounds, and the range around each, under this title.
pub(crate) fn comparisons(results: &Results, range: &str) -> String {
    let head = ["workload", "measure", "contender", "beside", "ratio", range, "aim", "holds"];
    let rows = results.tables.iter().flat_map(Table::comparisons).map(|found| {
        let aim = match found.aim {
            Some(Aim::AtLeast(least)) => format!("at least {}", number(least)),
            Some(Aim::AtMost(most)) => format!("at most {}", number(most)),
            None => String::new(),
        };
        vec![
            found.workload.to_owned(),
            found.measure.title().to_owned(),
            found.contender.to_owned(),
            found.beside.to_owned(),
            number(found.ratio.median),
            format!("{} to {}", number(found.ratio.low), number(found.ratio.high)),
            aim,
            found.holds.map_or("", |holds| if holds { "yes" } else { "no" }).to_owned(),
        ]
    });
    markdown(head.map(str::to_owned).to_vec(), rows)
}

/// Three digits that count.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

fn markdown(head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head);
    let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    rows.for_each(|row| text.push_str(&line(&row)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let written = [0.0, 0.9712, 1.05, 12.345, 20417.6, 0.0123].map(number);
        assert_eq!(written, ["0", "0.97", "1.05", "12.3", "20418", "0.0123"]);
    }

    #[test]
    fn a_table_is_markdown() {
        let rows = [vec!["floor".to_owned(), "1".to_owned()]];
        assert_eq!(
            markdown(vec!["me".into(), "requests/s".into()], rows.into_iter()),
            "| me | requests/s |\n|---|---|\n| floor | 1 |\n"
        );
    }
}
