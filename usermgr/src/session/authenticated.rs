//! The proof of authentication on which a session is based: the user, the methods and the time.

use std::fmt;

use jiff::Timestamp;

use super::{SessionActor, SessionInfo};
use crate::{
    amr::Amr,
    store::{RecordOf, UserOf, UserStore},
    user::OAuthClaims,
};

/// A user who has just been authenticated, with the methods. A [`Strategy`](crate::session::Strategy) creates a session
/// from it. Only the library creates this type, after all checks of a login. An application that authenticates a user
/// by its own means calls [`sign_in`](crate::Operations::sign_in).
pub struct Authenticated<S: UserStore> {
    record: RecordOf<S>,
    methods: Amr,
    at: Timestamp,
    claims: Option<OAuthClaims>,
    acting: Option<(SessionActor, Timestamp)>,
    replaces: Option<SessionInfo>,
    is_counted: bool,
}

impl<S: UserStore> Authenticated<S> {
    pub(crate) fn new(record: RecordOf<S>, methods: Amr, at: Timestamp) -> Self {
        Self { record, methods, at, claims: None, acting: None, replaces: None, is_counted: false }
    }

    /// With the administrator who acts as the user until this time. The user has proved nothing.
    pub(crate) fn acted_by(self, actor: SessionActor, until: Timestamp) -> Self {
        Self { acting: Some((actor, until)), ..self }
    }

    /// With the session of the user that the new one replaces.
    pub(crate) fn replacing(self, session: SessionInfo) -> Self {
        Self { replaces: Some(session), ..self }
    }

    /// With whether the limits have counted the first step, and so know the network of the user.
    pub(crate) fn counted(self, is_counted: bool) -> Self {
        Self { is_counted, ..self }
    }

    /// With what a provider has said about the user.
    #[cfg(feature = "oauth-bare")]
    pub(crate) fn with_claims(self, claims: OAuthClaims) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// Returns the account, as it was when it was authenticated.
    pub fn record(&self) -> &RecordOf<S> {
        &self.record
    }

    /// Returns the user.
    pub fn user(&self) -> &UserOf<S> {
        &self.record.user
    }

    /// Returns the authentication methods.
    pub fn methods(&self) -> &Amr {
        &self.methods
    }

    /// Returns the time of the authentication. If there were several steps, it is the time of the last one.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the administrator who acts as the user, if the user was not authenticated at all. A strategy that
    /// [keeps it](crate::session::Strategy::keeps_actors) writes it into the session, with no refresh token.
    pub fn actor(&self) -> Option<&SessionActor> {
        self.acting.as_ref().map(|(actor, _)| actor)
    }

    /// Returns when the session must end at the latest, if an administrator acts in it, or if it replaces another one
    /// without a newer login.
    pub fn until(&self) -> Option<Timestamp> {
        let replaced = self.replaces.as_ref().filter(|old| self.at <= old.authenticated_at);
        self.acting.as_ref().map(|(_, until)| *until).or(replaced.map(|old| old.expires_at))
    }

    /// Returns the session that the new one replaces, which ends after the new one is there.
    pub(crate) fn replaces(&self) -> Option<&SessionInfo> {
        self.replaces.as_ref()
    }

    pub(crate) fn is_counted(&self) -> bool {
        self.is_counted
    }

    pub(crate) fn claims(&self) -> Option<&OAuthClaims> {
        self.claims.as_ref()
    }

    pub(crate) fn into_user(self) -> UserOf<S> {
        self.record.user
    }
}

impl<S: UserStore> fmt::Debug for Authenticated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("user", self.user())
            .field("methods", &self.methods)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
