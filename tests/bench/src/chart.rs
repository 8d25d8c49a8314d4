//! The chart for the guide: for some workloads a bar for each contender, on a logarithmic scale, as SVG. It is written by hand: a crate
//! that draws charts has more packages than all else here.

use std::fmt::Write as _;

use crate::{
    report::number,
    results::{Measure, Results},
};

const SHOWN: [(&str, &str); 3] =
    [("me", "GET /users/me"), ("login", "Login"), ("storm", "GET /users/me while 8 clients log in")];
const BAR: f64 = 22.0;
const LEFT: f64 = 200.0;
const WIDTH: f64 = 400.0;
/// Half a request in a second is the left end, and this many the right one.
const MOST: f64 = 100_000.0;

/// Empty without results.
pub(crate) fn svg(results: &Results) -> Option<String> {
    let mut bars = String::new();
    let mut y = 10.0;
    for (workload, title) in SHOWN {
        let Some(table) = results.tables.iter().find(|table| table.workload == workload) else { continue };
        y += 20.0;
        let _ = writeln!(bars, r#"<text x="0" y="{y}" font-weight="bold">{title}, requests per second</text>"#);
        y += 8.0;
        for contender in &table.contenders {
            let Some(rate) = contender.median(Measure::Rate) else { continue };
            let (length, middle, name) = (length(rate), y + BAR * 0.65, &contender.name);
            let colour = if name.starts_with("usermgr") { "#2f6f4f" } else { "#8a8f98" };
            let _ = writeln!(bars, r#"<text x="{}" y="{middle}" text-anchor="end">{name}</text>"#, LEFT - 8.0);
            let _ = writeln!(
                bars,
                r#"<rect x="{LEFT}" y="{}" width="{length:.1}" height="{}" fill="{colour}"/>"#,
                y + 2.0,
                BAR - 4.0
            );
            let _ = writeln!(bars, r#"<text x="{:.1}" y="{middle}">{}</text>"#, LEFT + length + 6.0, number(rate));
            y += BAR;
        }
        y += 10.0;
    }
    let (width, height) = (LEFT + WIDTH + 80.0, y + 10.0);
    (!bars.is_empty()).then(|| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{bars}\
             <text x=\"0\" y=\"{}\" font-size=\"11\">The scale is logarithmic.</text>\n</svg>\n",
            height - 6.0
        )
    })
}

fn length(rate: f64) -> f64 {
    let (least, most) = (0.5_f64.log10(), MOST.log10());
    ((rate.max(0.5).log10() - least) / (most - least) * WIDTH).min(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Measured, Table};

    #[test]
    fn bars_grow_with_the_logarithm() {
        assert_eq!((length(0.0), length(0.5), length(MOST)), (0.0, 0.0, WIDTH));
        let tenfold = length(1000.0) - length(100.0);
        assert!((length(10_000.0) - length(1000.0) - tenfold).abs() < 1e-9);
    }

    #[test]
    fn a_chart_has_a_bar_for_each_contender() {
        assert!(svg(&Results::default()).is_none());
        let contenders = ["floor", "usermgr"].map(|name| {
            let mut measured = Measured::new(name);
            measured.note(Measure::Rate, 100.0);
            measured
        });
        let results = Results { tables: vec![Table { workload: "me".into(), contenders: contenders.into() }] };
        let text = svg(&results).unwrap();
        // One more is the background.
        assert_eq!(text.matches("<rect").count(), 3);
        assert!(text.ends_with("</svg>\n") && text.contains(">usermgr</text>"));
    }
}
