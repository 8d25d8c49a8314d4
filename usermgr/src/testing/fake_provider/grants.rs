//! The tokens of a fake provider: how long they live, how they are refreshed, and what has become of them.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use jiff::Timestamp;

use crate::span::later;

/// How long an access token lives if nothing else is set.
const LIFETIME: Duration = Duration::from_secs(300);

/// All tokens that were given out.
#[derive(Default)]
pub(super) struct Grants {
    /// By their text.
    tokens: HashMap<String, Given>,
    /// The sign-ins that are over, by their number.
    ended: BTreeSet<u64>,
    pub(super) revoked: BTreeSet<String>,
    pub(super) lifetime: Option<Duration>,
    pub(super) gives_refresh_tokens: bool,
    pub(super) rotates: bool,
    made: u64,
    pub(super) refreshes: usize,
}

/// A token that was given out.
struct Given {
    subject: String,
    /// The number of the sign-in.
    grant: u64,
    /// The end of an access token.
    expires_at: Option<Timestamp>,
    /// Whether it is a refresh token that was replaced.
    is_replaced: bool,
}

/// The tokens of an answer.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    /// The life of the access token, in seconds.
    pub(super) seconds: u64,
}

impl Grants {
    /// The account of a token that is still good.
    pub(super) fn subject(&self, token: &str, now: Timestamp) -> Option<&str> {
        let given = self.tokens.get(token)?;
        let is_over = given.is_replaced || given.expires_at.is_some_and(|expires_at| expires_at <= now);
        let is_ended = self.ended.contains(&given.grant) || self.revoked.contains(token);
        (!is_over && !is_ended).then_some(given.subject.as_str())
    }

    /// All access tokens, or all refresh tokens.
    pub(super) fn given(&self, are_refresh_tokens: bool) -> Vec<String> {
        let given = self.tokens.iter().filter(|(_, given)| given.expires_at.is_none() == are_refresh_tokens);
        given.map(|(token, _)| token.clone()).collect()
    }

    /// Ends all of them.
    pub(super) fn end(&mut self) {
        self.ended.extend(self.tokens.values().map(|given| given.grant));
    }

    /// The tokens of a sign-in.
    pub(super) fn begin(&mut self, subject: &str, now: Timestamp) -> Pair {
        self.made += 1;
        let (grant, gives) = (self.made, self.gives_refresh_tokens);
        self.give(subject, grant, gives, now)
    }

    /// The tokens for a refresh token, if it is still good.
    pub(super) fn refresh(&mut self, token: &str, now: Timestamp) -> Option<Pair> {
        self.refreshes += 1;
        let given = self.tokens.get(token).filter(|given| given.expires_at.is_none())?;
        let grant = given.grant;
        if given.is_replaced {
            self.ended.insert(grant);
        }
        let subject = self.subject(token, now)?.to_owned();
        let rotates = self.rotates;
        if let Some(given) = self.tokens.get_mut(token) {
            given.is_replaced = rotates;
        }
        Some(self.give(&subject, grant, rotates, now))
    }

    /// Ends a token, and with a refresh token everything of its sign-in (RFC 7009, 2.1).
    pub(super) fn revoke(&mut self, token: &str) {
        if let Some(given) = self.tokens.get(token) {
            if given.expires_at.is_none() {
                self.ended.insert(given.grant);
            }
            self.revoked.insert(token.to_owned());
        }
    }

    fn give(&mut self, subject: &str, grant: u64, with_refresh: bool, now: Timestamp) -> Pair {
        self.made += 1;
        let lifetime = self.lifetime.unwrap_or(LIFETIME);
        let access = format!("access-token-canary-{}", self.made);
        let refresh = with_refresh.then(|| format!("refresh-token-canary-{}", self.made));
        for (token, expires_at) in [(Some(&access), Some(later(now, lifetime))), (refresh.as_ref(), None)] {
            let given = Given { subject: subject.to_owned(), grant, expires_at, is_replaced: false };
            self.tokens.extend(token.map(|token| (token.clone(), given)));
        }
        Pair { access, refresh, seconds: lifetime.as_secs() }
    }
}
