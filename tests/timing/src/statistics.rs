//! Two lists of times go in, and a verdict comes out: whether their medians are equal within a bound, different, or neither is shown.
//!
//! Equality is not "no significant difference", which any noise would give: the whole confidence interval of the difference must lie
//! within the bound (a test of equivalence).

use std::cmp::Ordering;

/// How often times are resampled.
const RESAMPLES: usize = 2_000;
/// How sure the interval is.
const CONFIDENCE: f64 = 0.99;

/// The difference of two medians: of the second list to the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) estimate: f64,
    /// The percentile interval of the bootstrap (Efron & Tibshirani 1993, 13.3).
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// What is shown by a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The interval lies within the bound.
    Equal,
    /// It lies outside.
    Different,
    /// It lies across: there is too much noise, or too few times.
    Undecided,
}

impl Difference {
    pub(crate) fn of(first: &[f64], second: &[f64], random: &mut Random) -> Self {
        let mut drawn: Vec<f64> =
            (0..RESAMPLES).map(|_| median(&random.resample(second)) - median(&random.resample(first))).collect();
        drawn.sort_by(f64::total_cmp);
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let at = |share: f64| drawn[((RESAMPLES - 1) as f64 * share).round() as usize];
        Self { estimate: median(second) - median(first), low: at(tail), high: at(1.0 - tail) }
    }

    /// What it shows, when a difference up to `bound` counts as none.
    pub(crate) fn verdict(self, bound: f64) -> Verdict {
        if -bound < self.low && self.high < bound {
            Verdict::Equal
        } else if self.low > bound || self.high < -bound {
            Verdict::Different
        } else {
            Verdict::Undecided
        }
    }
}

/// The median; `None` without numbers.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    let middle = numbers.len() / 2;
    let is_even = numbers.len().is_multiple_of(2);
    let (below, upper, _) = numbers.select_nth_unstable_by(middle, f64::total_cmp);
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if is_even => f64::midpoint(lower, *upper),
        _ => *upper,
    }
}

/// Numbers that follow from a seed (SplitMix64; Steele, Lea & Flood 2014), so that a run can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The bias of a remainder is far below what is measured here.
        (self.next() % end as u64) as usize
    }

    /// As many numbers of a list as there are in it, each perhaps several times.
    fn resample(&mut self, numbers: &[f64]) -> Vec<f64> {
        (0..numbers.len()).map(|_| numbers[self.below(numbers.len())]).collect()
    }

    /// All of a list, in another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }
}

/// The largest of an odd lot, for tables: how far away from nothing an interval reaches.
pub(crate) fn reach(differences: &[Difference]) -> Option<f64> {
    let reach = differences.iter().map(|difference| difference.low.abs().max(difference.high.abs()));
    reach.max_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times as they are measured: most near the least, a few far above, and some effect.
    fn times(count: usize, effect: f64, random: &mut Random) -> Vec<f64> {
        let mut one = || {
            let share = random.below(1_000_000) as f64 / 1_000_000.0;
            let outlier = if random.below(100) == 0 { 3_000.0 } else { 0.0 };
            // An exponential tail of 5 % above the least.
            1_000.0 - 50.0 * (1.0 - share).ln() + outlier + effect
        };
        (0..count).map(|_| one()).collect()
    }

    fn difference(count: usize, effect: f64, seed: u64) -> Difference {
        let mut random = Random(seed);
        let (first, second) = (times(count, 0.0, &mut random), times(count, effect, &mut random));
        Difference::of(&first, &second, &mut random)
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        for (numbers, expected) in [(&[3.0][..], 3.0), (&[9.0, 1.0], 5.0), (&[9.0, 1.0, 2.0], 2.0), (&[1.0; 4], 1.0)] {
            assert_eq!(median(numbers), expected, "{numbers:?}");
        }
        assert_eq!(median(&[5.0, 1.0, 4.0, 2.0]), 3.0);
    }

    #[test]
    fn without_an_effect_the_times_are_equal() {
        for seed in 0..20 {
            let difference = difference(2_000, 0.0, seed);
            assert!(difference.low <= difference.estimate && difference.estimate <= difference.high);
            assert_eq!(difference.verdict(30.0), Verdict::Equal, "{seed}: {difference:?}");
        }
    }

    #[test]
    fn the_interval_holds_the_effect_about_as_often_as_it_says() {
        let held = (0..100).filter(|seed| {
            let difference = difference(400, 10.0, *seed);
            difference.low <= 10.0 && 10.0 <= difference.high
        });
        assert!(held.count() >= 95);
    }

    #[test]
    fn an_effect_beyond_the_bound_is_seen_in_either_direction() {
        for effect in [60.0, -60.0, 1_000.0] {
            assert_eq!(difference(2_000, effect, 1).verdict(30.0), Verdict::Different, "{effect}");
        }
        // One within it counts as none.
        assert_eq!(difference(2_000, 10.0, 1).verdict(30.0), Verdict::Equal);
    }

    #[test]
    fn too_few_times_or_an_effect_at_the_bound_show_nothing() {
        assert_eq!(difference(10, 0.0, 1).verdict(10.0), Verdict::Undecided);
        assert_eq!(difference(2_000, 30.0, 1).verdict(30.0), Verdict::Undecided);
    }

    #[test]
    fn the_reach_is_the_farther_end() {
        let difference = |low, high| Difference { estimate: 0.0, low, high };
        assert_eq!(reach(&[difference(-3.0, 1.0), difference(-1.0, 2.0)]), Some(3.0));
        assert_eq!(reach(&[]), None);
    }

    #[test]
    fn a_shuffled_list_has_every_one_of_its_own_and_all_orders_come() {
        let (mut random, mut first) = (Random(1), [0_usize; 3]);
        for _ in 0..3_000 {
            let mut list = [0, 1, 2];
            random.shuffle(&mut list);
            first[list[0]] += 1;
            list.sort_unstable();
            assert_eq!(list, [0, 1, 2]);
        }
        assert!(first.iter().all(|count| (900..1_100).contains(count)), "{first:?}");
    }
}
