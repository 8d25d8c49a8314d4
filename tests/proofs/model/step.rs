//! The steps of a life, and how proptest makes them up. Numbers are drawn freely, and become those of what there is when a step is taken.

use proptest::{option, prelude::*};

use super::reference::Model;

/// What a login gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Session,
    Jwt,
    Revocable,
    Refresh,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Session, Self::Jwt, Self::Revocable, Self::Refresh];

    pub(super) fn backend(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Jwt => "jwt",
            Self::Revocable => "revocable",
            Self::Refresh => "refresh",
        }
    }

    /// Whether the store has a row of it.
    pub(super) fn has_row(self) -> bool {
        matches!(self, Self::Session | Self::Refresh)
    }
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Register {
        slot: usize,
        password: usize,
    },
    Login {
        slot: usize,
        password: usize,
        kind: Kind,
    },
    Me {
        session: usize,
    },
    List {
        session: usize,
    },
    Logout {
        session: usize,
        kind: Kind,
    },
    RequestVerify {
        slot: usize,
    },
    Verify {
        token: usize,
    },
    Forgot {
        slot: usize,
    },
    Reset {
        token: usize,
        password: usize,
    },
    RequestChange {
        session: usize,
        slot: usize,
    },
    ConfirmChange {
        token: usize,
    },
    ChangePassword {
        session: usize,
        current: usize,
        new: usize,
    },
    Update {
        session: usize,
        slot: Option<usize>,
        password: Option<usize>,
        current: Option<usize>,
    },
    DeleteMe {
        session: usize,
    },
    RevokeOthers {
        session: usize,
    },
    /// `back` tells how old the presented token is: the current one, or one that was used.
    Refresh {
        session: usize,
        back: usize,
    },
    Administer {
        account: usize,
        active: Option<bool>,
        superuser: Option<bool>,
        verified: Option<bool>,
    },
    Delete {
        account: usize,
    },
    Advance {
        seconds: u64,
    },
    Rotate,
}

impl Step {
    /// The step with numbers of what there is; `None` when there is nothing it could be about.
    pub(super) fn resolved(mut self, model: &Model) -> Option<Self> {
        let [verify, reset, change, sessions] = model.given();
        let within = |number: &mut usize, count: usize| {
            *number = number.checked_rem(count)?;
            Some(())
        };
        match &mut self {
            Self::Me { session }
            | Self::List { session }
            | Self::RequestChange { session, .. }
            | Self::ChangePassword { session, .. }
            | Self::Update { session, .. }
            | Self::DeleteMe { session }
            | Self::RevokeOthers { session } => within(session, sessions)?,
            Self::Logout { session, kind } => {
                within(session, sessions)?;
                *kind = model.kind(*session);
            }
            Self::Refresh { session, .. } => {
                let of_kind: Vec<_> = (0..sessions).filter(|at| model.kind(*at) == Kind::Refresh).collect();
                within(session, of_kind.len())?;
                *session = of_kind[*session];
            }
            Self::Verify { token } => within(token, verify)?,
            Self::Reset { token, .. } => within(token, reset)?,
            Self::ConfirmChange { token } => within(token, change)?,
            Self::Administer { account, .. } | Self::Delete { account } => within(account, model.visible().len())?,
            _ => {}
        }
        Some(self)
    }
}

/// Any step; those that make something are drawn more often than those that end it.
pub(super) fn steps() -> impl Strategy<Value = Step> {
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    let slot = || 0..4_usize;
    let number = || 0..1_000_usize;
    // The right one often enough.
    let password = || prop_oneof![6 => Just(0_usize), 2 => Just(1), 1 => Just(2), 1 => Just(3)];
    let kind = prop::sample::select(&Kind::ALL);
    let spans = vec![5, 9, 10, 59, 60, 600, 601, HOUR - 1, HOUR, DAY, 6 * DAY, 7 * DAY, 31 * DAY];
    prop_oneof![
        8 => (slot(), password()).prop_map(|(slot, password)| Step::Register { slot, password }),
        14 => (slot(), password(), kind).prop_map(|(slot, password, kind)| Step::Login { slot, password, kind }),
        8 => number().prop_map(|session| Step::Me { session }),
        3 => number().prop_map(|session| Step::List { session }),
        3 => number().prop_map(|session| Step::Logout { session, kind: Kind::Jwt }),
        5 => slot().prop_map(|slot| Step::RequestVerify { slot }),
        6 => number().prop_map(|token| Step::Verify { token }),
        5 => slot().prop_map(|slot| Step::Forgot { slot }),
        6 => (number(), password()).prop_map(|(token, password)| Step::Reset { token, password }),
        6 => (number(), slot()).prop_map(|(session, slot)| Step::RequestChange { session, slot }),
        6 => number().prop_map(|token| Step::ConfirmChange { token }),
        5 => (number(), password(), password())
            .prop_map(|(session, current, new)| Step::ChangePassword { session, current, new }),
        6 => (number(), option::of(slot()), option::of(password()), option::of(password()))
            .prop_map(|(session, slot, password, current)| Step::Update { session, slot, password, current }),
        1 => number().prop_map(|session| Step::DeleteMe { session }),
        2 => number().prop_map(|session| Step::RevokeOthers { session }),
        10 => (number(), prop_oneof![4 => Just(0_usize), 2 => Just(1), 1 => Just(2)])
            .prop_map(|(session, back)| Step::Refresh { session, back }),
        6 => (number(), option::of(proptest::bool::ANY), option::of(proptest::bool::ANY), option::of(proptest::bool::ANY)).prop_map(
            |(account, active, superuser, verified)| Step::Administer { account, active, superuser, verified }
        ),
        1 => number().prop_map(|account| Step::Delete { account }),
        6 => prop::sample::select(spans).prop_map(|seconds| Step::Advance { seconds }),
        1 => Just(Step::Rotate),
    ]
}
