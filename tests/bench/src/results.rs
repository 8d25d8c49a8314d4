//! What was measured, as it is kept in `results.json`: for each workload its contenders, for each of them a list of rounds for each
//! measure. And what is concluded from it: ratios, and whether they are what we aim at.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    contender::Kind,
    statistics::{Aim, Spread, ratios},
    workloads::BEFORE,
};

/// What is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Requests in a second.
    Rate,
    /// The time that half of the requests took at most, in milliseconds.
    P50,
    /// The same for 99 of a hundred.
    P99,
    /// The processor time of the server for a request, in microseconds.
    Cpu,
    /// Logins in a second, beside the requests that are measured.
    Beside,
    /// Milliseconds to the first answer.
    Startup,
    /// MiB before the storm, in it, after it, and the most.
    Idle,
    Loaded,
    After,
    Most,
    /// Packages in the graph of dependencies.
    Packages,
    /// Seconds of a clean release build.
    Build,
    /// MiB of the binary.
    Binary,
}

impl Measure {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Rate => "requests/s",
            Self::P50 => "p50, ms",
            Self::P99 => "p99, ms",
            Self::Cpu => "server's CPU, µs",
            Self::Beside => "logins/s beside",
            Self::Startup => "first answer, ms",
            Self::Idle => "idle, MiB",
            Self::Loaded => "in the storm, MiB",
            Self::After => "after it, MiB",
            Self::Most => "most, MiB",
            Self::Packages => "packages",
            Self::Build => "clean build, s",
            Self::Binary => "binary, MiB",
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) rounds: BTreeMap<Measure, Vec<f64>>,
}

impl Measured {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rounds: BTreeMap::new() }
    }

    pub(crate) fn note(&mut self, measure: Measure, value: f64) {
        self.rounds.entry(measure).or_default().push((value * 1000.0).round() / 1000.0);
    }

    /// Makes one round of all, by their means.
    pub(crate) fn summarize(&mut self) {
        for values in self.rounds.values_mut().filter(|values| !values.is_empty()) {
            *values = vec![values.iter().sum::<f64>() / values.len() as f64];
        }
    }

    pub(crate) fn median(&self, measure: Measure) -> Option<f64> {
        Some(Spread::of(self.rounds.get(&measure)?)?.median)
    }
}

/// The contenders of one workload. The first is what the others are compared with.
#[derive(Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) workload: String,
    pub(crate) contenders: Vec<Measured>,
}

/// One contender beside another.
#[derive(Serialize)]
pub(crate) struct Comparison<'a> {
    pub(crate) workload: &'a str,
    pub(crate) measure: Measure,
    pub(crate) contender: &'a str,
    pub(crate) beside: &'a str,
    pub(crate) ratio: Spread,
    pub(crate) aim: Option<Aim>,
    pub(crate) holds: Option<bool>,
}

/// The goals: workload, measure, contender, the contender to compare with, and the required ratio.
fn aims() -> Vec<(&'static str, Measure, &'static str, &'static str, Aim)> {
    use Aim::{AtLeast, AtMost};
    use Measure::{Build, Idle, Most, P99, Rate};
    let (plain, cached, floor, fastapi) =
        (Kind::Plain.name(), Kind::Cached.name(), Kind::Floor.name(), Kind::FastApi.name());
    vec![
        ("me", Rate, plain, floor, AtLeast(0.97)),
        ("me", Rate, cached, floor, AtLeast(1.5)),
        ("me", Rate, plain, fastapi, AtLeast(60.0)),
        ("permissions", Rate, Kind::Requires.name(), Kind::Current.name(), AtLeast(0.97)),
        ("permissions", Rate, Kind::Key.name(), Kind::Current.name(), AtLeast(0.9)),
        ("login", Rate, plain, floor, AtLeast(0.98)),
        ("login", Rate, plain, fastapi, AtLeast(2.5)),
        ("storm", Rate, plain, floor, AtLeast(0.97)),
        ("storm", P99, plain, floor, AtMost(1.05)),
        ("storm", Rate, plain, fastapi, AtLeast(500.0)),
        ("memory", Idle, plain, floor, AtMost(1.2)),
        ("memory", Most, plain, floor, AtMost(1.2)),
        ("build", Build, "quickstart", floor, AtMost(1.25)),
        ("me, growing", Rate, "1000000 users", "1000 users", AtLeast(1.0 / 1.1)),
        ("login, growing", Rate, "1000000 users", "1000 users", AtLeast(1.0 / 1.1)),
        ("list, growing", Rate, "1000000 users", "1000 users", AtLeast(1.0 / 1.2)),
    ]
}

/// How much an earlier version may have been faster.
const SUCCESSOR: Aim = Aim::AtLeast(0.97);

impl Table {
    /// The rounds of another sitting of the same contenders.
    pub(crate) fn append(&mut self, sitting: Self) {
        for Measured { name, rounds } in sitting.contenders {
            match self.contenders.iter_mut().find(|known| known.name == name) {
                Some(known) => {
                    rounds
                        .into_iter()
                        .for_each(|(measure, values)| known.rounds.entry(measure).or_default().extend(values));
                }
                None => self.contenders.push(Measured { name, rounds }),
            }
        }
    }

    /// The measures that its contenders have.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        let mut all: Vec<_> = self.contenders.iter().flat_map(|contender| contender.rounds.keys().copied()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// What an aim speaks of, and each contender beside the first by the first measure.
    pub(crate) fn comparisons(&self) -> Vec<Comparison<'_>> {
        let aims: Vec<_> = aims().into_iter().filter(|aim| aim.0 == self.workload).collect();
        let mut wanted: Vec<_> = aims.iter().map(|aim| (aim.1, aim.2, aim.3)).collect();
        if let (Some(first), Some(measure)) = (self.contenders.first(), self.measures().first()) {
            for contender in &self.contenders[1..] {
                let plain = (*measure, contender.name.as_str(), first.name.as_str());
                if !wanted.contains(&plain) {
                    wanted.push(plain);
                }
            }
        }
        let find = |name: &str| self.contenders.iter().find(|contender| contender.name == name);
        let compare = |(measure, contender, beside): (Measure, &str, &str)| {
            let (contender, beside) = (find(contender)?, find(beside)?);
            let ratios = ratios(contender.rounds.get(&measure)?, beside.rounds.get(&measure)?);
            let ratio = if beside.name == BEFORE { Spread::of_the_median(&ratios) } else { Spread::of(&ratios) }?;
            let aim = aims.iter().find(|aim| (aim.1, aim.2, aim.3) == (measure, &contender.name, &beside.name));
            let succeeds = beside.name == BEFORE && measure == Measure::Rate;
            let aim = aim.map(|aim| aim.4).or(succeeds.then_some(SUCCESSOR));
            // A successor is judged by the worse end, since nothing but chance tells the two apart where nothing was lost.
            let holds = aim.map(|aim| aim.holds(if succeeds { ratio.low } else { ratio.median }));
            Some(Comparison {
                workload: &self.workload,
                measure,
                contender: &contender.name,
                beside: &beside.name,
                ratio,
                aim,
                holds,
            })
        };
        wanted.into_iter().filter_map(compare).collect()
    }
}

/// All tables, of this run and of earlier ones.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) tables: Vec<Table>,
}

impl Results {
    /// What an earlier run has left, or nothing.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        match fs::read(file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// In place of an earlier one of the same workload.
    pub(crate) fn put(&mut self, table: Table) {
        match self.tables.iter_mut().find(|old| old.workload == table.workload) {
            Some(old) => *old = table,
            None => self.tables.push(table),
        }
    }

    pub(crate) fn write(&self, file: &Path) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Written<'a> {
            tables: &'a [Table],
            comparisons: Vec<Comparison<'a>>,
        }
        let comparisons = self.tables.iter().flat_map(Table::comparisons).collect();
        let mut text = serde_json::to_string_pretty(&Written { tables: &self.tables, comparisons })?;
        text.push('\n');
        Ok(fs::write(file, text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, rates: &[f64]) -> Measured {
        let mut measured = Measured::new(name);
        rates.iter().for_each(|rate| measured.note(Measure::Rate, *rate));
        measured
    }

    #[test]
    fn a_round_of_several_turns_counts_as_their_mean() {
        let mut turns = measured("before", &[90.0, 110.0, 130.0]);
        turns.summarize();
        assert_eq!(turns.rounds[&Measure::Rate], [110.0]);
    }

    #[test]
    fn each_contender_is_compared_with_the_first_and_aims_are_judged() {
        let contenders = vec![
            measured("floor", &[100.0, 200.0]),
            measured("usermgr", &[98.0, 196.0]),
            measured("fastapi-users", &[2.0, 4.0]),
        ];
        let table = Table { workload: "me".into(), contenders };
        let found: Vec<_> = table
            .comparisons()
            .iter()
            .map(|found| (found.contender.to_owned(), found.beside.to_owned(), found.ratio.median, found.holds))
            .collect();
        assert_eq!(
            found,
            [
                ("usermgr".to_owned(), "floor".to_owned(), 0.98, Some(true)),
                ("usermgr".to_owned(), "fastapi-users".to_owned(), 49.0, Some(false)),
                ("fastapi-users".to_owned(), "floor".to_owned(), 0.02, None),
            ]
        );
    }

    #[test]
    fn a_successor_is_judged_by_the_worse_end_of_the_interval_of_its_median() {
        let judged = |rates: &[f64]| {
            let contenders = vec![measured(BEFORE, &[100.0; 3]), measured("after", rates)];
            let table = Table { workload: "me, usermgr".into(), contenders };
            table.comparisons().iter().map(|found| found.holds).collect::<Vec<_>>()
        };
        assert_eq!(judged(&[98.0, 99.0, 102.0]), [Some(true)]);
        // The median alone would do.
        assert_eq!(judged(&[93.0, 99.0, 102.0]), [Some(false)]);
    }

    #[test]
    fn a_second_sitting_adds_its_rounds() {
        let sitting = |rate| Table { workload: "me".into(), contenders: vec![measured("floor", &[rate, rate])] };
        let mut table = sitting(1.0);
        table.append(sitting(3.0));
        assert_eq!(table.contenders[0].rounds[&Measure::Rate], [1.0, 1.0, 3.0, 3.0]);
        assert_eq!(table.contenders[0].median(Measure::Rate), Some(2.0));
    }

    #[test]
    fn a_workload_that_is_measured_again_takes_the_place_of_the_old_one() {
        let mut results = Results::default();
        for (workload, rate) in [("me", 1.0), ("login", 2.0), ("me", 3.0)] {
            results.put(Table { workload: workload.into(), contenders: vec![measured("floor", &[rate])] });
        }
        let rates: Vec<_> = results.tables.iter().map(|table| table.contenders[0].median(Measure::Rate)).collect();
        assert_eq!(rates, [Some(3.0), Some(2.0)]);
    }
}
