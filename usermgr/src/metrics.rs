//! What an engine has counted since it was made, and how much of its bounded room is taken now. A snapshot is plain
//! data: an exporter of any kind reads it, and its text is the format of Prometheus.

use std::{fmt, time::Duration};

use crate::audit::EventKind;

pub use crate::load::{HashLoad, Load};

/// The counts and gauges of an engine at one moment, from [`Engine::metrics`](crate::Engine::metrics).
///
/// They hold no id, no address and no secret. Counts begin at 0 when the engine is made, and each process has its own.
///
/// Its `Display` is the text format of Prometheus, so that a handler for a scraper needs no other package. For another
/// exporter read the fields, or walk the [families](Self::families).
///
/// ```
/// use usermgr::{Engine, MemoryStore, audit::EventKind};
///
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
/// let metrics = engine.metrics();
/// assert!(metrics.events.contains(&(EventKind::LoginFailed, 0)));
/// assert_eq!((metrics.background.taken, metrics.background.limit), (0, 1024));
/// assert!(metrics.to_string().contains("\nusermgr_events_total{kind=\"login_failed\"} 0\n"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// How often each kind of event was raised, in the order of [`EventKind::ALL`].
    pub events: Vec<(EventKind, u64)>,
    /// The hashing queue. `None` for a hasher that does not report one.
    pub hashing: Option<HashLoad>,
    /// The slots for work after a response.
    pub background: Load,
    /// The slots for messages that wait for the messenger.
    pub messages: Load,
    /// How long the oldest mail of the outbox could have been delivered already, zero if none is due. It is what
    /// [`ready`](crate::Operations::ready) has last read from the store, and `None` before.
    pub oldest_due: Option<Duration>,
    /// How often each limit has refused, by the name of its setter in [`Limits`](crate::Limits).
    pub limited: Vec<(&'static str, u64)>,
}

/// A metric with all its values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Family {
    /// The name, as in `usermgr_events_total`.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub help: &'static str,
    /// Whether it counts, or can sink.
    pub kind: FamilyKind,
    /// The name of the label, if it has several values.
    pub label: Option<&'static str>,
    /// The values, each with that of its label.
    pub values: Vec<(Option<String>, f64)>,
}

/// The kinds of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FamilyKind {
    /// It only grows, until the process ends.
    Counter,
    /// It is what it is now.
    Gauge,
}

impl FamilyKind {
    /// Returns the name that Prometheus has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// Reads the values of a metric, each with the value of its label.
type Read = fn(&Metrics) -> Vec<(Option<String>, f64)>;

/// One row is one metric: its name, its kind, its label, what it says, and how it is read.
struct Row {
    name: &'static str,
    kind: FamilyKind,
    label: Option<&'static str>,
    help: &'static str,
    read: Read,
}

const fn counter(name: &'static str, help: &'static str, read: Read) -> Row {
    Row { name, kind: FamilyKind::Counter, label: None, help, read }
}

const fn gauge(name: &'static str, help: &'static str, read: Read) -> Row {
    Row { name, kind: FamilyKind::Gauge, label: None, help, read }
}

const fn by(label: &'static str, row: Row) -> Row {
    Row { label: Some(label), ..row }
}

const ROWS: &[Row] = &[
    by(
        "kind",
        counter("usermgr_events_total", "Events of the audit trail.", |metrics| {
            metrics.events.iter().map(|(kind, count)| (Some(kind.to_string()), *count as f64)).collect()
        }),
    ),
    by(
        "limit",
        counter("usermgr_limited_total", "Attempts that a limit has refused.", |metrics| {
            metrics.limited.iter().map(|(limit, count)| (Some((*limit).to_owned()), *count as f64)).collect()
        }),
    ),
    gauge("usermgr_hash_threads", "Threads that hash passwords.", |metrics| {
        hashing(metrics, |load| load.threads as f64)
    }),
    gauge("usermgr_hash_jobs", "Passwords that are hashed or wait for it.", |metrics| {
        hashing(metrics, |load| load.jobs.taken as f64)
    }),
    gauge("usermgr_hash_jobs_limit", "The most that may be hashed or wait.", |metrics| {
        hashing(metrics, |load| load.jobs.limit as f64)
    }),
    counter("usermgr_hash_refused_total", "Passwords that found no place in the queue.", |metrics| {
        hashing(metrics, |load| load.jobs.refused as f64)
    }),
    counter("usermgr_hashes_total", "Passwords that were hashed.", |metrics| hashing(metrics, |load| load.done as f64)),
    counter("usermgr_hash_seconds_total", "How long they took together, without the queue.", |metrics| {
        hashing(metrics, |load| load.busy.as_secs_f64())
    }),
    gauge("usermgr_background", "Requests whose work goes on after the response.", |metrics| {
        one(metrics.background.taken as f64)
    }),
    gauge("usermgr_background_limit", "The most of them at once.", |metrics| one(metrics.background.limit as f64)),
    counter("usermgr_background_refused_total", "Requests that found no place in the background.", |metrics| {
        one(metrics.background.refused as f64)
    }),
    gauge("usermgr_messages", "Messages that wait for the messenger.", |metrics| one(metrics.messages.taken as f64)),
    gauge("usermgr_messages_limit", "The most of them at once.", |metrics| one(metrics.messages.limit as f64)),
    counter("usermgr_messages_refused_total", "Messages that found no place.", |metrics| {
        one(metrics.messages.refused as f64)
    }),
    gauge(
        "usermgr_outbox_oldest_due_seconds",
        "How long the oldest mail of the outbox has been due, when `ready` was last asked.",
        |metrics| metrics.oldest_due.iter().map(|age| (None, age.as_secs_f64())).collect(),
    ),
];

fn one(value: f64) -> Vec<(Option<String>, f64)> {
    vec![(None, value)]
}

fn hashing(metrics: &Metrics, read: impl Fn(&HashLoad) -> f64) -> Vec<(Option<String>, f64)> {
    metrics.hashing.iter().map(|load| (None, read(load))).collect()
}

impl Metrics {
    /// Returns all metrics in a fixed order. A metric without a value, such as the queue of a hasher that reports none,
    /// is left out.
    ///
    /// ```
    /// use usermgr::{Engine, MemoryStore};
    /// # let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new());
    /// for family in engine.metrics().families() {
    ///     println!("{} {} ({})", family.kind.as_str(), family.name, family.help);
    /// }
    /// ```
    pub fn families(&self) -> impl Iterator<Item = Family> + '_ {
        let family = |Row { name, kind, label, help, read }: &Row| Family {
            name,
            help,
            kind: *kind,
            label: *label,
            values: read(self),
        };
        ROWS.iter().map(family).filter(|family| !family.values.is_empty())
    }
}

/// The text format of Prometheus, version 0.0.4. Its media type is `text/plain; version=0.0.4`.
impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.families().try_for_each(|family| family.fmt(f))
    }
}

/// The lines of one metric in the text format of Prometheus.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, help, kind, label, values } = self;
        writeln!(f, "# HELP {name} {help}")?;
        writeln!(f, "# TYPE {name} {}", kind.as_str())?;
        for (of, value) in values {
            match (label, of) {
                // The values of labels are names of ours, without anything to escape.
                (Some(label), Some(of)) => writeln!(f, "{name}{{{label}=\"{of}\"}} {value}")?,
                _ => writeln!(f, "{name} {value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn metrics() -> Metrics {
        let jobs = Load::new(3, 66, 2);
        Metrics {
            events: vec![(EventKind::LoggedIn, 7)],
            hashing: Some(HashLoad { threads: 2, jobs, done: 9, busy: Duration::from_millis(250) }),
            background: Load::new(1, 1024, 0),
            messages: Load::new(0, 1024, 5),
            oldest_due: Some(Duration::from_millis(1500)),
            limited: vec![("mails_per_address", 4)],
        }
    }

    #[test]
    fn the_text_is_that_of_prometheus() {
        let text = metrics().to_string();
        for lines in [
            "# HELP usermgr_events_total Events of the audit trail.\n# TYPE usermgr_events_total counter\n\
             usermgr_events_total{kind=\"logged_in\"} 7\n",
            "# TYPE usermgr_hash_jobs gauge\nusermgr_hash_jobs 3\n",
            "# TYPE usermgr_hash_seconds_total counter\nusermgr_hash_seconds_total 0.25\n",
            "\nusermgr_limited_total{limit=\"mails_per_address\"} 4\n",
            "\nusermgr_messages_refused_total 5\n",
            "\nusermgr_outbox_oldest_due_seconds 1.5\n",
        ] {
            assert!(text.contains(lines), "{lines} is not in\n{text}");
        }
        let without = Metrics { hashing: None, ..metrics() }.to_string();
        assert!(!without.contains("usermgr_hash"), "{without}");
    }

    #[test]
    fn names_follow_the_rules_of_prometheus() {
        let names: Vec<_> = metrics().families().map(|family| family.name).collect();
        assert_eq!(names.len(), ROWS.len());
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "each name is there once");
        for row in ROWS {
            assert!(row.name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{}", row.name);
            assert_eq!(row.kind == FamilyKind::Counter, row.name.ends_with("_total"), "{}", row.name);
            assert!(row.help.ends_with('.') && !row.help.contains(['\n', '\\']), "{}", row.help);
        }
    }
}
