//! The arithmetic of a comparison: a list of rounds goes in, and medians, ratios and their spread come out.

use serde::Serialize;

/// The median of the measurements, and a range around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// The quartiles; `None` of nothing.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| quantile(&sorted, part);
        Some(Self { low: at(0.25)?, median: at(0.5)?, high: at(0.75)? })
    }

    /// The interval in which the true median lies with at least 95 % confidence, by the sign test: more rounds make it narrower. Fewer than
    /// six values allow no such interval, so that all of them are in it. `None` of nothing.
    pub(crate) fn of_the_median(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (count, mut rank) = (sorted.len(), 0);
        // How probable it is that at most `rank` of the values lie below the true median.
        let mut term = 0.5_f64.powi(i32::try_from(count).ok()?);
        let mut below = term;
        while below <= 0.025 {
            rank += 1;
            term *= (count - rank + 1) as f64 / rank as f64;
            below += term;
        }
        let first = rank.saturating_sub(1);
        Some(Self { low: *sorted.get(first)?, median: quantile(&sorted, 0.5)?, high: *sorted.get(count - 1 - first)? })
    }
}

/// The value below which so large a part of a sorted list lies, with straight lines between the values (R's seventh kind).
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

/// The ratios of two lists, round by round: what both rounds had in common falls out. Rounds that only one of them has are left out, and
/// so are those with nothing to divide by.
pub(crate) fn ratios(values: &[f64], reference: &[f64]) -> Vec<f64> {
    values.iter().zip(reference).filter(|(_, reference)| **reference > 0.0).map(|(value, by)| value / by).collect()
}

/// The goal for a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    pub(crate) fn holds(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(least) => ratio >= least,
            Self::AtMost(most) => ratio <= most,
        }
    }
}

/// In which order the contenders of a round take their turns: each second round backwards, so that none is always the first, and what
/// drifts does so for one and for the other.
pub(crate) fn turns(round: usize, contenders: usize) -> Vec<usize> {
    if round.is_multiple_of(2) { (0..contenders).collect() } else { (0..contenders).rev().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        let median = |values: &[f64]| Spread::of(values).map(|spread| spread.median);
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        // One bad round moves nothing.
        assert_eq!(median(&[1.0, 1.0, 1.0, 1.0, 1000.0]), Some(1.0));
    }

    #[test]
    fn half_of_all_values_lie_between_the_quartiles() {
        assert_eq!(Spread::of(&[5.0, 1.0, 4.0, 2.0, 3.0]), Some(Spread { low: 2.0, median: 3.0, high: 4.0 }));
        assert_eq!(Spread::of(&[1.0, 2.0, 3.0, 4.0]), Some(Spread { low: 1.75, median: 2.5, high: 3.25 }));
        assert_eq!(Spread::of(&[2.0, 2.0]), Some(Spread { low: 2.0, median: 2.0, high: 2.0 }));
    }

    #[test]
    fn the_interval_of_the_median_takes_the_ranks_of_the_sign_test() {
        let interval = |count: u32| {
            let values: Vec<f64> = (1..=count).map(f64::from).collect();
            let spread = Spread::of_the_median(&values).unwrap();
            (spread.low, spread.high)
        };
        // Ranks that tables of the sign test give.
        assert_eq!([6, 10, 20, 30].map(interval), [(1.0, 6.0), (2.0, 9.0), (6.0, 15.0), (10.0, 21.0)]);
        assert_eq!(interval(3), (1.0, 3.0));
        assert_eq!(Spread::of_the_median(&[]), None);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        assert_eq!(ratios(&[2.0, 30.0], &[1.0, 10.0]), [2.0, 3.0]);
        // The machine was ten times as slow in one round: for both of them.
        let spread = Spread::of(&ratios(&[90.0, 9.0, 90.0], &[100.0, 10.0, 100.0])).unwrap();
        assert_eq!((spread.low, spread.median, spread.high), (0.9, 0.9, 0.9));
        assert_eq!(ratios(&[1.0, 2.0, 3.0], &[2.0]), [0.5]);
        assert_eq!(ratios(&[1.0, 2.0], &[0.0, 4.0]), [0.5]);
    }

    #[test]
    fn an_aim_holds_at_its_bound_too() {
        assert!(Aim::AtLeast(0.97).holds(0.97) && Aim::AtLeast(0.97).holds(1.2) && !Aim::AtLeast(0.97).holds(0.969));
        assert!(Aim::AtMost(1.05).holds(1.05) && Aim::AtMost(1.05).holds(0.5) && !Aim::AtMost(1.05).holds(1.051));
    }

    #[test]
    fn each_second_round_goes_backwards() {
        assert_eq!(turns(0, 3), [0, 1, 2]);
        assert_eq!(turns(1, 3), [2, 1, 0]);
        assert_eq!(turns(2, 2), [0, 1]);
    }
}
