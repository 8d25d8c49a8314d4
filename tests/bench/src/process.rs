//! What Linux tells of a process: the memory it holds and the processor time it has taken.

use std::{fs, time::Duration};

#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// What it holds, and the most that it has ever held, in MiB.
    pub(crate) fn memory(self) -> Option<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        Some((mebibytes(&status, "VmRSS:")?, mebibytes(&status, "VmHWM:")?))
    }

    /// The time of all its threads, of those too that have ended.
    pub(crate) fn time(self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        let per_second = rustix::param::clock_ticks_per_second();
        Some(Duration::from_secs_f64(ticks(&stat)? as f64 / per_second as f64))
    }
}

fn mebibytes(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// The sum of the fields 14 and 15. The second field, a name in parentheses, may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut field = || fields.next()?.parse::<u64>().ok();
    Some(field()? + field()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_whatever_the_name_is() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 0 0 0 120 30 0 0 20 0 3 0 99";
        assert_eq!(ticks(stat), Some(150));
        assert_eq!(ticks("7 (x"), None);
    }

    #[test]
    fn memory_is_reported_in_mebibytes() {
        let status = "VmPeak:\t  99 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1536 kB\n";
        assert_eq!((mebibytes(status, "VmRSS:"), mebibytes(status, "VmHWM:")), (Some(1.5), Some(2.0)));
        assert_eq!(mebibytes(status, "VmSwap:"), None);
    }
}
