//! For whom a password is hashed: it travels beside the call of the hasher, whatever wraps it, to the pool at its end.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::OnceLock,
};

use crate::network;

tokio::task_local! {
    static CLAIM: Claim;
}

/// Whose work a job is: of which network and for which account, each as a number that means nothing outside the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(super) network: u64,
    pub(super) account: u64,
}

impl Claim {
    /// The claim of a client and of an account, whether or not it exists. Clients without an address are one.
    pub(crate) fn of(ip: Option<IpAddr>, account: &str) -> Self {
        static NUMBERS: OnceLock<RandomState> = OnceLock::new();
        let numbers = NUMBERS.get_or_init(RandomState::new);
        Self { network: ip.map_or(0, |ip| numbers.hash_one(network::name(ip))), account: numbers.hash_one(account) }
    }

    /// Does something on behalf of the claim.
    pub(crate) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CLAIM.scope(self, work).await
    }

    /// That of the caller; outside of an operation nobody's.
    pub(super) fn current() -> Self {
        CLAIM.try_with(|claim| *claim).unwrap_or_default()
    }
}
