//! The reference: accounts, sessions and tokens as plain values, and what each step does to them. It knows no store, no signature and no
//! concurrency; what the library does by stamps and digests is a number here.

use super::step::{Kind, Step};

const DAY: u64 = 24 * 3600;

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Done,
    Unauthorized,
    No(String),
    Listed(usize),
}

fn no(code: &str) -> Said {
    Said::No(code.to_owned())
}

#[derive(Clone)]
struct Account {
    slot: usize,
    password: usize,
    active: bool,
    superuser: bool,
    verified: bool,
    stamp: u64,
    /// The part of the stamp that no end of sessions changes.
    proof: u64,
}

impl Account {
    fn acts_as_superuser(&self) -> bool {
        self.superuser && self.active
    }
}

struct Session {
    kind: Kind,
    account: usize,
    stamp: u64,
    began: u64,
    seen: u64,
    ended: bool,
    /// When the signed token ends, and by which secret it was signed.
    access: (u64, usize),
    /// How many refresh tokens there were, when the last was given, and by which secret it was derived.
    rotated: (usize, u64, usize),
}

/// A token that went by mail.
struct Mailed {
    account: usize,
    slot: usize,
    new: usize,
    stamp: u64,
    proof: u64,
    ends: u64,
    secret: usize,
    used: bool,
    /// The session that asked, with which it ends.
    session: Option<usize>,
}

#[derive(Default)]
pub(super) struct Model {
    now: u64,
    secret: usize,
    stamps: u64,
    accounts: Vec<Option<Account>>,
    sessions: Vec<Session>,
    verify: Vec<Mailed>,
    reset: Vec<Mailed>,
    change: Vec<Mailed>,
}

impl Model {
    /// The accounts as anybody who may could see them.
    pub(super) fn visible(&self) -> Vec<Option<(String, bool, bool, bool)>> {
        let seen =
            |account: &Account| (super::address(account.slot), account.active, account.superuser, account.verified);
        self.accounts.iter().map(|account| account.as_ref().map(seen)).collect()
    }

    /// How many tokens of each kind, and sessions, there are.
    pub(super) fn given(&self) -> [usize; 4] {
        [self.verify.len(), self.reset.len(), self.change.len(), self.sessions.len()]
    }

    pub(super) fn kind(&self, session: usize) -> Kind {
        self.sessions[session].kind
    }

    fn owner(&self, slot: usize) -> Option<usize> {
        (0..self.accounts.len()).find(|at| self.accounts[*at].as_ref().is_some_and(|account| account.slot == slot))
    }

    fn account(&mut self, at: usize) -> &mut Account {
        self.accounts[at].as_mut().expect("it was there a moment ago")
    }

    fn new_stamp(&mut self) -> u64 {
        self.stamps += 1;
        self.stamps
    }

    /// Whether what a secret has signed is still believed: the present one and the one before are.
    fn believed(&self, secret: usize) -> bool {
        (self.secret - secret) % super::SECRETS.len() <= 1
    }

    fn row_lives(&self, session: &Session) -> bool {
        let account = self.accounts[session.account].as_ref();
        !session.ended
            && account.is_some_and(|account| account.stamp == session.stamp)
            && self.now < session.began + 30 * DAY
            && self.now < session.seen + 7 * DAY
    }

    /// The caller, and whether their login is recent.
    fn guard(&mut self, at: usize) -> Option<(usize, bool)> {
        let session = &self.sessions[at];
        let signed = || self.now < session.access.0 && self.believed(session.access.1);
        let account = self.accounts[session.account].as_ref()?;
        let good = match session.kind {
            Kind::Session => self.row_lives(session),
            Kind::Refresh => signed() && self.row_lives(session),
            Kind::Jwt | Kind::Revocable => signed() && !session.ended && account.stamp == session.stamp,
        };
        if !good || !account.active {
            return None;
        }
        let found = (session.account, self.now - session.began <= 600);
        if session.kind.has_row() && session.seen + 60 <= self.now {
            self.sessions[at].seen = self.now;
        }
        Some(found)
    }

    /// Gives an account another stamp, which the session that did it outlives if it has a row.
    fn restamp(&mut self, account: usize, session: Option<usize>) {
        let stamp = self.new_stamp();
        self.account(account).proof = stamp;
        self.end_sessions(account, stamp, session);
    }

    /// The same, and what went by mail to set a new password stays.
    fn end_sessions(&mut self, account: usize, stamp: u64, session: Option<usize>) {
        self.account(account).stamp = stamp;
        if let Some(session) = session.filter(|at| self.sessions[*at].kind.has_row()) {
            self.sessions[session].stamp = stamp;
        }
    }

    fn is_last_superuser(&self, account: usize) -> bool {
        let acting = |account: &&Account| account.acts_as_superuser();
        self.accounts[account].as_ref().is_some_and(Account::acts_as_superuser)
            && self.accounts.iter().flatten().filter(acting).count() <= 1
    }

    fn mailed(&self, account: usize, new: usize) -> Mailed {
        let Account { slot, stamp, proof, .. } = *self.accounts[account].as_ref().expect("it is there");
        let ends = self.now + 3600;
        Mailed { account, slot, new, stamp, proof, ends, secret: self.secret, used: false, session: None }
    }

    /// The account of a mailed token that is neither too old nor of a forgotten secret nor about another address.
    fn of_mailed(&self, token: &Mailed) -> Option<usize> {
        let account = self.accounts[token.account].as_ref()?;
        let good = self.now < token.ends && self.believed(token.secret) && account.slot == token.slot;
        good.then_some(token.account)
    }

    /// The same of one that also dies with the password and with the activity.
    fn of_reset(&self, token: &Mailed) -> Option<usize> {
        let at = self.of_mailed(token)?;
        let account = self.accounts[at].as_ref()?;
        (account.active && account.proof == token.proof).then_some(at)
    }

    /// The same of one that also dies with all sessions, and with the one that asked.
    fn of_change(&self, token: &Mailed) -> Option<usize> {
        let at = self.of_mailed(token)?;
        let account = self.accounts[at].as_ref()?;
        let asked = token.session.is_none_or(|session| {
            let session = &self.sessions[session];
            if session.kind.has_row() { self.row_lives(session) } else { !session.ended }
        });
        (account.active && account.stamp == token.stamp && asked && !token.used).then_some(at)
    }

    /// When a session is over, whatever happens.
    fn end_of(&self, session: usize) -> u64 {
        let session = &self.sessions[session];
        if session.kind.has_row() { session.began + 30 * DAY } else { session.access.0 }
    }

    pub(super) fn take(&mut self, step: &Step) -> Said {
        match *step {
            Step::Register { slot, password } => self.register(slot, password),
            Step::Login { slot, password, kind } => self.login(slot, password, kind),
            Step::Me { session } => self.guard(session).map_or(Said::Unauthorized, |_| Said::Done),
            Step::List { session } => {
                let Some((account, _)) = self.guard(session) else { return Said::Unauthorized };
                let own = |session: &&Session| session.account == account && session.kind.has_row();
                Said::Listed(self.sessions.iter().filter(own).filter(|session| self.row_lives(session)).count())
            }
            Step::Logout { session, kind } => {
                if self.guard(session).is_none() {
                    return Said::Unauthorized;
                }
                self.sessions[session].ended = kind != Kind::Jwt;
                Said::Done
            }
            Step::RequestVerify { slot } => {
                let wanted = |account: &Account| account.active && !account.verified;
                if let Some(at) = self.owner(slot).filter(|at| self.accounts[*at].as_ref().is_some_and(wanted)) {
                    self.verify.push(self.mailed(at, slot));
                }
                Said::Done
            }
            Step::Forgot { slot } => {
                let wanted = |account: &Account| account.active;
                if let Some(at) = self.owner(slot).filter(|at| self.accounts[*at].as_ref().is_some_and(wanted)) {
                    self.reset.push(self.mailed(at, slot));
                }
                Said::Done
            }
            Step::RequestChange { session, slot } => match self.guard(session) {
                None => Said::Unauthorized,
                Some((_, false)) => no("REAUTHENTICATION_REQUIRED"),
                Some((at, true)) => {
                    if self.owner(slot).is_none_or(|owner| owner == at) {
                        let mut token = self.mailed(at, slot);
                        token.ends = token.ends.min(self.end_of(session));
                        token.session = Some(session);
                        self.change.push(token);
                    }
                    Said::Done
                }
            },
            Step::Verify { token } => match self.of_mailed(&self.verify[token]) {
                None => no("VERIFY_USER_BAD_TOKEN"),
                Some(at) if self.account(at).verified => no("VERIFY_USER_ALREADY_VERIFIED"),
                Some(_) if self.verify[token].used => no("VERIFY_USER_BAD_TOKEN"),
                Some(at) => {
                    self.account(at).verified = true;
                    self.verify[token].used = true;
                    Said::Done
                }
            },
            Step::Reset { token, password } => match self.of_reset(&self.reset[token]) {
                None => no("RESET_PASSWORD_BAD_TOKEN"),
                Some(_) if is_weak(password) => no("RESET_PASSWORD_INVALID_PASSWORD"),
                Some(at) => self.set_password(at, password, None),
            },
            Step::ConfirmChange { token } => {
                let new = self.change[token].new;
                match self.of_change(&self.change[token]) {
                    None => no("CHANGE_EMAIL_BAD_TOKEN"),
                    Some(at) if self.owner(new).is_some_and(|owner| owner != at) => {
                        no("UPDATE_USER_EMAIL_ALREADY_EXISTS")
                    }
                    Some(at) => {
                        let account = self.account(at);
                        (account.slot, account.verified) = (new, true);
                        self.change[token].used = true;
                        Said::Done
                    }
                }
            }
            Step::ChangePassword { session, current, new } => match self.guard(session) {
                None => Said::Unauthorized,
                Some((at, _)) if self.account(at).password != current => no("CHANGE_PASSWORD_BAD_PASSWORD"),
                Some(_) if is_weak(new) => no("CHANGE_PASSWORD_INVALID_PASSWORD"),
                Some((at, _)) => self.set_password(at, new, Some(session)),
            },
            Step::Update { session, slot, password, current } => self.update(session, slot, password, current),
            Step::DeleteMe { session } => match self.guard(session) {
                None => Said::Unauthorized,
                Some((_, false)) => no("REAUTHENTICATION_REQUIRED"),
                Some((at, true)) => self.delete(at),
            },
            Step::RevokeOthers { session } => match self.guard(session) {
                None => Said::Unauthorized,
                Some((_, false)) => no("REAUTHENTICATION_REQUIRED"),
                Some((at, true)) => {
                    let stamp = self.new_stamp();
                    self.end_sessions(at, stamp, Some(session));
                    Said::Done
                }
            },
            Step::Refresh { session, back } => self.refresh(session, back),
            Step::Administer { account, active, superuser, verified } => {
                self.administer(account, active, superuser, verified)
            }
            Step::Delete { account } => match self.accounts[account] {
                None => no("Not Found"),
                Some(_) => self.delete(account),
            },
            Step::Advance { seconds } => {
                self.now += seconds;
                Said::Done
            }
            Step::Rotate => {
                self.secret += 1;
                Said::Done
            }
        }
    }

    fn register(&mut self, slot: usize, password: usize) -> Said {
        if is_weak(password) {
            return no("REGISTER_INVALID_PASSWORD");
        }
        if self.owner(slot).is_some() {
            return no("REGISTER_USER_ALREADY_EXISTS");
        }
        let stamp = self.new_stamp();
        let account = Account { slot, password, active: true, superuser: false, verified: false, stamp, proof: stamp };
        self.accounts.push(Some(account));
        Said::Done
    }

    fn login(&mut self, slot: usize, password: usize, kind: Kind) -> Said {
        let fits = |account: &Account| account.password == password && account.active;
        let Some(account) = self.owner(slot).filter(|at| self.accounts[*at].as_ref().is_some_and(fits)) else {
            return no("LOGIN_BAD_CREDENTIALS");
        };
        let stamp = self.account(account).stamp;
        let (began, seen) = (self.now, self.now);
        let (access, rotated) = ((self.now + 3600, self.secret), (1, self.now, self.secret));
        self.sessions.push(Session { kind, account, stamp, began, seen, ended: false, access, rotated });
        Said::Done
    }

    fn set_password(&mut self, account: usize, password: usize, session: Option<usize>) -> Said {
        self.account(account).password = password;
        self.restamp(account, session);
        Said::Done
    }

    fn update(&mut self, session: usize, slot: Option<usize>, password: Option<usize>, current: Option<usize>) -> Said {
        let Some((at, fresh)) = self.guard(session) else { return Said::Unauthorized };
        let slot = slot.filter(|slot| *slot != self.account(at).slot);
        if slot.is_none() && password.is_none() {
            return Said::Done;
        }
        if !current.map_or(fresh, |current| self.account(at).password == current) {
            return no("REAUTHENTICATION_REQUIRED");
        }
        if password.is_some_and(is_weak) {
            return no("UPDATE_USER_INVALID_PASSWORD");
        }
        if slot.is_some_and(|slot| self.owner(slot).is_some()) {
            return no("UPDATE_USER_EMAIL_ALREADY_EXISTS");
        }
        if let Some(slot) = slot {
            let account = self.account(at);
            (account.slot, account.verified) = (slot, false);
        }
        password.map_or(Said::Done, |password| self.set_password(at, password, Some(session)))
    }

    fn delete(&mut self, at: usize) -> Said {
        if self.is_last_superuser(at) {
            return no("LAST_SUPERUSER");
        }
        self.accounts[at] = None;
        Said::Done
    }

    fn refresh(&mut self, at: usize, back: usize) -> Said {
        let session = &self.sessions[at];
        if !self.row_lives(session) || self.accounts[session.account].as_ref().is_none_or(|account| !account.active) {
            return no("REFRESH_BAD_TOKEN");
        }
        let (given, last, secret) = session.rotated;
        let answered_just_now = self.now < last + 10 && self.believed(secret);
        let (now, believed) = (self.now, self.secret);
        let ends = (now + 3600).min(session.began + 30 * DAY);
        let session = &mut self.sessions[at];
        match back.min(given - 1) {
            0 => {
                session.rotated = (given + 1, now, believed);
                session.seen = now;
            }
            1 if answered_just_now => {}
            _ => {
                session.ended = true;
                return no("REFRESH_BAD_TOKEN");
            }
        }
        session.access = (ends, believed);
        Said::Done
    }

    fn administer(&mut self, at: usize, active: Option<bool>, superuser: Option<bool>, verified: Option<bool>) -> Said {
        let Some(old) = self.accounts[at].clone() else { return no("Not Found") };
        let new = Account {
            active: active.unwrap_or(old.active),
            superuser: superuser.unwrap_or(old.superuser),
            verified: verified.unwrap_or(old.verified),
            ..old
        };
        if !new.acts_as_superuser() && self.is_last_superuser(at) {
            return no("LAST_SUPERUSER");
        }
        let deactivated = old.active && !new.active;
        self.accounts[at] = Some(new);
        if deactivated {
            self.restamp(at, None);
        }
        Said::Done
    }
}

fn is_weak(password: usize) -> bool {
    password + 1 == super::PASSWORDS.len()
}
