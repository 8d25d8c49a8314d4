//! The requests: how many had which status, and how long they took. They are shown in Prometheus' text format.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The upper bounds of the durations, in seconds.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The methods that have a name of their own: a client may write any.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];

/// Requests by method, route and status.
#[derive(Default)]
pub(crate) struct Requests(Mutex<BTreeMap<Route, Series>>);

/// A method and the pattern of a path: never the path itself, which a client may choose.
type Route = (&'static str, String);

#[derive(Default)]
struct Series {
    by_status: BTreeMap<u16, u64>,
    /// How many took at most as long as each bound, and not as long as the one before.
    by_bound: [u64; BOUNDS.len()],
    seconds: f64,
}

impl Requests {
    /// Counts a request; a path that no route has is `None`.
    pub(crate) fn note(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        let seconds = took.as_secs_f64();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = all.entry((method, route.unwrap_or("none").to_owned())).or_default();
        *series.by_status.entry(status).or_default() += 1;
        series.seconds += seconds;
        if let Some(bound) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            series.by_bound[bound] += 1;
        }
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(f, "# HELP usermgr_http_requests_total Requests by method, route and status.")?;
        writeln!(f, "# TYPE usermgr_http_requests_total counter")?;
        for ((method, route), series) in &*all {
            for (status, count) in &series.by_status {
                let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
                writeln!(f, "usermgr_http_requests_total{{{labels}}} {count}")?;
            }
        }
        writeln!(f, "# HELP usermgr_http_request_seconds How long requests took, until the response was ready.")?;
        writeln!(f, "# TYPE usermgr_http_request_seconds histogram")?;
        for ((method, route), series) in &*all {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            let mut count = 0;
            for (bound, more) in BOUNDS.iter().zip(series.by_bound) {
                count += more;
                writeln!(f, "usermgr_http_request_seconds_bucket{{{labels},le=\"{bound}\"}} {count}")?;
            }
            let count: u64 = series.by_status.values().sum();
            writeln!(f, "usermgr_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {count}")?;
            writeln!(f, "usermgr_http_request_seconds_sum{{{labels}}} {}", series.seconds)?;
            writeln!(f, "usermgr_http_request_seconds_count{{{labels}}} {count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_unknown_methods_are_one() {
        let requests = Requests::default();
        requests.note("GET", Some("/users/{id}"), 200, Duration::from_millis(4));
        requests.note("GET", Some("/users/{id}"), 404, Duration::from_millis(20));
        requests.note("GET", Some("/users/{id}"), 200, Duration::from_secs(11));
        requests.note("BREW", None, 404, Duration::from_millis(5));
        let text = requests.to_string();
        for line in [
            "usermgr_http_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"200\"} 2",
            "usermgr_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 1",
            "usermgr_http_request_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"0.005\"} 1",
            "usermgr_http_request_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"0.025\"} 2",
            "usermgr_http_request_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"10\"} 2",
            "usermgr_http_request_seconds_bucket{method=\"GET\",route=\"/users/{id}\",le=\"+Inf\"} 3",
            "usermgr_http_request_seconds_count{method=\"GET\",route=\"/users/{id}\"} 3",
            "usermgr_http_request_seconds_sum{method=\"GET\",route=\"/users/{id}\"} 11.024",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
        }
    }
}
