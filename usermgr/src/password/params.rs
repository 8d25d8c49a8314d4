//! The cost of a hash, within bounds.

use crate::config_error::ConfigError;

/// The largest accepted parameters, for new and for stored hashes: 256 MiB, 16 passes, 16 lanes, and a product of 4
/// passes over 256 MiB, which takes about one second.
const MAX_MEMORY: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
const MAX_WORK: u32 = 4 * MAX_MEMORY;
/// The minimum memory (KiB) for each minimum number of passes (OWASP Password Storage Cheat Sheet; ASVS 5.0, 11.4.2).
const LEAST: [(u32, u32); 2] = [(19_456, 2), (47_104, 1)];

/// The cost of a hash: memory, passes and lanes.
///
/// The default is 19,456 KiB, 2 passes and 1 lane, which takes about 20 ms on one core. Lanes are computed one after
/// the other, so more lanes have no effect on cost or security here.
///
/// ```
/// use usermgr::password::Argon2Params;
///
/// assert_eq!(Argon2Params::default(), Argon2Params::new(19_456, 2, 1)?);
/// assert!(Argon2Params::new(65_536, 3, 4).is_ok());
/// assert!(Argon2Params::new(4_096, 3, 1).is_err());
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    pub(super) m: u32,
    pub(super) t: u32,
    pub(super) p: u32,
}

impl Argon2Params {
    /// Creates parameters with `m` KiB of memory (at most 262,144), `t` passes (at most 16, and `m` times `t` at most
    /// 1,048,576) and `p` lanes (at most 16).
    ///
    /// # Errors
    /// [`ConfigError`] beyond these bounds, and below 19,456 KiB with 2 passes or 47,104 KiB with 1 pass (OWASP
    /// Password Storage Cheat Sheet; ASVS 5.0, 11.4.2).
    pub fn new(m: u32, t: u32, p: u32) -> Result<Self, ConfigError> {
        if !LEAST.iter().any(|&(memory, passes)| m >= memory && t >= passes) {
            return Err(ConfigError::new(format!(
                "Argon2id with m={m} KiB and t={t} is too weak: use at least m=19456 with t=2, or m=47104 with t=1"
            )));
        }
        Self::dangerous(m, t, p)
    }

    /// Creates parameters as [`new`](Self::new) does, but as weak as Argon2 permits. It is for tests and for measuring
    /// anything but hashing.
    ///
    /// # Errors
    /// [`ConfigError`] beyond the upper bounds of [`new`](Self::new), without a pass or a lane, and below 8 KiB for
    /// each lane.
    pub fn dangerous(m: u32, t: u32, p: u32) -> Result<Self, ConfigError> {
        Self::bounded(m, t, p).ok_or_else(|| {
            ConfigError::new(format!(
                "Argon2id with m={m} KiB, t={t}, p={p} is out of bounds: m is 8 to 262144 and at least 8 times p, \
                 t and p are 1 to 16, m times t is at most 1048576"
            ))
        })
    }

    pub(super) fn bounded(m: u32, t: u32, p: u32) -> Option<Self> {
        let lanes = (1..=MAX_LANES).contains(&p);
        let passes = (1..=MAX_PASSES).contains(&t);
        let memory = lanes && passes && (8 * p..=MAX_MEMORY).contains(&m) && m * t <= MAX_WORK;
        memory.then_some(Self { m, t, p })
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        let [(m, t), _] = LEAST;
        Self { m, t, p: 1 }
    }
}
