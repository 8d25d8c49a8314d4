//! The queue of jobs: each waits behind jobs of its own network and account, and beside the jobs of others.

use std::collections::{BTreeMap, HashMap};

use super::Claim;

/// The share to which a job belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Share {
    Network(u64),
    Account(u64),
}

impl Share {
    fn of(claim: Claim) -> [Self; 2] {
        [Self::Network(claim.network), Self::Account(claim.account)]
    }
}

/// The last round in which a share has a job, and how many of its jobs wait.
struct Waiting {
    last: u64,
    count: usize,
}

/// A queue in rounds. In each round, no network and no account has more than one job. The first job of a share is put
/// into the current round, however many jobs of others wait.
pub(super) struct Queue<T> {
    jobs: BTreeMap<(u64, u64), (Claim, T)>,
    shares: HashMap<Share, Waiting>,
    /// The round of the job that was taken last.
    round: u64,
    /// The number of jobs so far. It orders the jobs within a round.
    number: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { jobs: BTreeMap::new(), shares: HashMap::new(), round: 0, number: 0 }
    }
}

impl<T> Queue<T> {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn push(&mut self, claim: Claim, job: T) {
        let round = self.round_of(claim);
        for share in Share::of(claim) {
            let waiting = self.shares.entry(share).or_insert(Waiting { last: round, count: 0 });
            waiting.last = round;
            waiting.count += 1;
        }
        self.jobs.insert((round, self.number), (claim, job));
        self.number += 1;
    }

    /// Returns the next job.
    pub(super) fn pop(&mut self) -> Option<T> {
        let ((round, _), (claim, job)) = self.jobs.pop_first()?;
        self.round = round;
        self.leave(claim);
        Some(job)
    }

    /// Removes and returns the last job, if its round is later than that of a new job of `claim`.
    pub(super) fn displace(&mut self, claim: Claim) -> Option<T> {
        let ((last, _), _) = self.jobs.last_key_value()?;
        if *last <= self.round_of(claim) {
            return None;
        }
        let (_, (claim, job)) = self.jobs.pop_last()?;
        self.leave(claim);
        Some(job)
    }

    fn round_of(&self, claim: Claim) -> u64 {
        let next = |share| self.shares.get(&share).map_or(0, |waiting| waiting.last + 1);
        Share::of(claim).map(next).into_iter().fold(self.round, u64::max)
    }

    fn leave(&mut self, claim: Claim) {
        for share in Share::of(claim) {
            let left = self.shares.get_mut(&share).map(|waiting| {
                waiting.count -= 1;
                waiting.count
            });
            if left == Some(0) {
                self.shares.remove(&share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(network: u64, account: u64) -> Claim {
        Claim { network, account }
    }

    fn drained(mut queue: Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn l16_each_network_and_each_account_has_one_job_in_a_round() {
        let mut queue = Queue::default();
        for (network, account, job) in [
            (1, 1, "a1"),
            (1, 2, "a2"),
            (1, 3, "a3"),
            (2, 4, "b1"),
            (2, 5, "b2"),
            (3, 4, "the account of b1"),
            (4, 6, "c1"),
        ] {
            queue.push(claim(network, account), job);
        }
        assert_eq!(drained(queue), ["a1", "b1", "c1", "a2", "b2", "the account of b1", "a3"]);
    }

    #[test]
    fn l16_a_later_job_is_in_the_round_that_is_under_way() {
        let mut queue = Queue::default();
        for job in ["a1", "a2", "a3", "a4"] {
            queue.push(claim(1, 1), job);
        }
        assert_eq!([queue.pop(), queue.pop()], [Some("a1"), Some("a2")]);
        queue.push(claim(2, 2), "b1");
        queue.push(claim(1, 1), "a5");
        assert_eq!(drained(queue), ["b1", "a3", "a4", "a5"]);
    }

    #[test]
    fn l16_the_last_of_a_later_round_gives_way_and_no_other() {
        let mut queue = Queue::default();
        assert_eq!(queue.displace(claim(2, 2)), None);
        for job in ["a1", "a2", "a3"] {
            queue.push(claim(1, 1), job);
        }
        assert_eq!(queue.displace(claim(1, 9)), None, "of the same network");
        assert_eq!(queue.displace(claim(9, 1)), None, "of the same account");
        assert_eq!(queue.displace(claim(2, 2)), Some("a3"));
        queue.push(claim(2, 2), "b1");
        assert_eq!(queue.displace(claim(3, 3)), Some("a2"));
        assert_eq!(queue.displace(claim(3, 3)), None, "no client has more than one");
        assert_eq!(queue.len(), 2);
        assert_eq!(drained(queue), ["a1", "b1"]);
    }
}
