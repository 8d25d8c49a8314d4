//! The client and the account for which a password is hashed. They are passed beside the call of the hasher, so that
//! they reach the pool through any wrapper.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::OnceLock,
};

use crate::network;

tokio::task_local! {
    static CLAIM: Claim;
}

/// The network and the account of a job, each as a number without meaning outside of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(super) network: u64,
    pub(super) account: u64,
}

impl Claim {
    /// Returns the claim of a client and of an account, whether or not the account exists. Clients without an address
    /// count as one client.
    pub(crate) fn of(ip: Option<IpAddr>, account: &str) -> Self {
        static NUMBERS: OnceLock<RandomState> = OnceLock::new();
        let numbers = NUMBERS.get_or_init(RandomState::new);
        Self { network: ip.map_or(0, |ip| numbers.hash_one(network::name(ip))), account: numbers.hash_one(account) }
    }

    /// Runs `work` on behalf of the claim.
    pub(crate) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CLAIM.scope(self, work).await
    }

    /// Returns the claim of the current operation, or an empty one outside of operations.
    pub(super) fn current() -> Self {
        CLAIM.try_with(|claim| *claim).unwrap_or_default()
    }
}
