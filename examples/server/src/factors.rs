//! The second factors of this server's users, as options name them.

use clap::{Args, ValueEnum};
use usermgr::{engine::Demand, factors::Totp};

/// Second factors.
#[derive(Args)]
pub(crate) struct Factors {
    /// Users may add authenticator apps, which show this name beside the account.
    #[arg(long, env = "USERMGR_TOTP", value_name = "ISSUER", global = true)]
    totp: Option<String>,
    /// Who must have a second factor.
    #[arg(long, env = "USERMGR_DEMAND", value_enum, global = true)]
    demand: Option<Demanded>,
}

/// Who must have a second factor.
#[derive(Clone, Copy, ValueEnum)]
enum Demanded {
    Superusers,
    Everybody,
}

impl Factors {
    /// The part for authenticator apps, if it is asked for.
    pub(crate) fn totp(&self) -> Option<Totp> {
        self.totp.as_ref().map(Totp::new)
    }

    /// The part that demands a factor, if it is asked for.
    pub(crate) fn demand(&self) -> Option<Demand> {
        self.demand.map(|demanded| match demanded {
            Demanded::Superusers => Demand::superusers(),
            Demanded::Everybody => Demand::everybody(),
        })
    }
}
