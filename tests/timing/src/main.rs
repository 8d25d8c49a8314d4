//! Whether an answer's time tells who has an account (H3): classes of requests by turns, in random order; a class passes when the
//! interval of the difference of its median to the first class's lies within three hundredths of one hash. The same must fail where the
//! defence is taken out, or it would prove nothing.
//!
//! `cargo run --release -p usermgr-timing [SAMPLES [SEED]]` prints the tables of the README, and fails when something is not as it must be.

mod classes;
mod statistics;
mod world;

use std::{process::ExitCode, time::Instant};

use axum::body::to_bytes;
use classes::{COMPARISONS, Class, Comparison, Judged};
use statistics::{Difference, Random, Verdict, median, reach};
use tower::ServiceExt;
use usermgr::{Limits, password::PasswordHasher};
use world::{Build, MEMORY, PASSWORD, World, argon2, strict};

/// The share of one hash within which times count as equal.
const BOUND: f64 = 0.03;
/// Samples of each class, at least this many for a result that is worth recording.
const SAMPLES: usize = 2_000;
/// Those that are thrown away first.
const WARM_UP: usize = 50;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut argument = |default| arguments.next().map_or(default, |number| number.expect("a number"));
    let (samples, seed) = (argument(SAMPLES as u64) as usize, argument(1));
    let mut random = Random(seed);
    let hash = one_hash().await;
    println!("{samples} samples of each class, seed {seed}; one hash of {MEMORY} KiB takes {:.0} µs.\n", hash);
    println!("| build | route | class | median | difference, 99 % interval, in hundredths of a hash | |");
    println!("|---|---|---|---|---|---|");
    let (mut as_expected, mut equal) = (true, Vec::new());
    for build in [Build::Defended, Build::Control] {
        for comparison in COMPARISONS.iter().filter(|comparison| build == Build::Defended || !comparison.locked) {
            let times = measured(build, comparison, samples, &mut random).await;
            for (class, own) in comparison.classes.iter().zip(&times) {
                let difference = Difference::of(&times[0], own, &mut random);
                let verdict = difference.verdict(BOUND * hash);
                let is_first = std::ptr::eq(own, &times[0]);
                let (word, good) = if is_first { ("the measure", true) } else { judge(build, class, verdict) };
                if build == Build::Defended && word == "equal" {
                    equal.push(difference);
                }
                as_expected &= good;
                let [estimate, low, high] =
                    [difference.estimate, difference.low, difference.high].map(|time| 100.0 * time / hash);
                let shown = if is_first { String::new() } else { format!("{estimate:+.2} ({low:+.2} to {high:+.2})") };
                let (route, name, median) = (comparison.name, class.name, median(own));
                let build = format!("{build:?}").to_lowercase();
                println!("| {build} | {route} | {name} | {median:.0} µs | {shown} | {word} |");
            }
        }
    }
    let reach = reach(&equal).map_or(0.0, |reach| 100.0 * reach / hash);
    println!(
        "\nNo interval of those that must be equal reaches beyond {reach:.2} hundredths of a hash (3 are allowed)."
    );
    println!("{}", if as_expected { "As it must be." } else { "NOT AS IT MUST BE." });
    if as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is said of a class, and whether it is as it must be.
fn judge(build: Build, class: &Class, verdict: Verdict) -> (&'static str, bool) {
    let said = match verdict {
        Verdict::Equal => "equal",
        Verdict::Different => "different",
        Verdict::Undecided => "undecided",
    };
    match (class.judged, build) {
        (Judged::Shown, _) => ("a known limit", true),
        (Judged::Equal { tells: true }, Build::Control) => (said, verdict == Verdict::Different),
        // What the control does not change is measured there for the noise alone.
        (Judged::Equal { tells: false }, Build::Control) => (said, true),
        (Judged::Equal { .. }, Build::Defended) => (said, verdict == Verdict::Equal),
    }
}

/// The times of each class in microseconds, taken by turns.
async fn measured(build: Build, comparison: &Comparison, samples: usize, random: &mut Random) -> Vec<Vec<f64>> {
    let limits = if comparison.locked { strict() } else { Limits::dangerous_none() };
    let world = World::new(build, limits).await;
    let mut order: Vec<usize> = (0..comparison.classes.len()).collect();
    let mut times = vec![Vec::with_capacity(samples); order.len()];
    for round in 0..WARM_UP + samples {
        random.shuffle(&mut order);
        for at in &order {
            let request = comparison.request(&comparison.classes[*at]);
            let router = world.router.clone();
            let start = Instant::now();
            let (parts, body) = router.oneshot(request).await.expect("a router does not fail").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("the body is whole");
            let time = start.elapsed();
            // The first ones of a locked account lock it.
            let is_warm = round >= WARM_UP;
            let text = String::from_utf8_lossy(&body);
            assert!(
                !is_warm || parts.status.as_u16() == comparison.status,
                "{}: {} {text}",
                comparison.name,
                parts.status
            );
            if is_warm {
                times[*at].push(time.as_secs_f64() * 1e6);
            }
            world.settle().await;
        }
    }
    times
}

/// The median time of one hash in microseconds.
async fn one_hash() -> f64 {
    let (hasher, password) = (argon2(MEMORY), PASSWORD.into());
    let mut times = Vec::new();
    for _ in 0..WARM_UP + 500 {
        let start = Instant::now();
        hasher.hash(&password).await.expect("it hashes");
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    median(&times[WARM_UP..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_equal_fails_and_a_control_that_is_not_different_too() {
        let [first, _, tells, .., shown] = COMPARISONS[0].classes else { panic!("login has more classes") };
        for (build, class, verdict, good) in [
            (Build::Defended, tells, Verdict::Equal, true),
            (Build::Defended, tells, Verdict::Undecided, false),
            (Build::Defended, tells, Verdict::Different, false),
            (Build::Defended, first, Verdict::Different, false),
            (Build::Control, tells, Verdict::Different, true),
            (Build::Control, tells, Verdict::Undecided, false),
            (Build::Control, tells, Verdict::Equal, false),
            (Build::Defended, shown, Verdict::Different, true),
        ] {
            assert_eq!(judge(build, class, verdict).1, good, "{build:?} {} {verdict:?}", class.name);
        }
    }

    #[test]
    fn every_comparison_has_a_control_that_must_fail_unless_it_is_of_locked_accounts() {
        for comparison in &COMPARISONS {
            let tells = comparison.classes.iter().any(|class| class.judged == Judged::Equal { tells: true });
            assert_eq!(tells, !comparison.locked, "{}", comparison.name);
        }
    }

    /// A short run of everything: the requests are answered as they must be.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_class_is_answered_alike() {
        for build in [Build::Defended, Build::Control] {
            for comparison in COMPARISONS.iter().filter(|comparison| build == Build::Defended || !comparison.locked) {
                let times = measured(build, comparison, 2, &mut Random(1)).await;
                assert!(times.iter().all(|times| times.len() == 2), "{build:?} {}", comparison.name);
            }
        }
    }
}
