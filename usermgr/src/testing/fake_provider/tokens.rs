//! What a test decides about the tokens of a fake provider, and what it sees of them.

use std::time::Duration;

use super::FakeProvider;

impl FakeProvider {
    /// Whether a sign-in gives a refresh token from now on. Default: it does not.
    pub fn give_refresh_tokens(&self, given: bool) {
        self.state().grants.gives_refresh_tokens = given;
    }

    /// Replaces a refresh token at each use, from now on. One that is used a second time ends all tokens of its sign-in, as
    /// the security recommendations demand (RFC 9700, 4.14.2).
    pub fn rotate_refresh_tokens(&self) {
        self.state().grants.rotates = true;
    }

    /// Sets how long access tokens live. Default: five minutes.
    pub fn access_lifetime(&self, lifetime: Duration) {
        self.state().grants.lifetime = Some(lifetime);
    }

    /// Ends all tokens, as if each person had taken back their consent.
    pub fn end_grants(&self) {
        self.state().grants.end();
    }

    /// Returns the access tokens that were given out so far.
    pub fn access_tokens(&self) -> Vec<String> {
        self.state().grants.given(false)
    }

    /// Returns the refresh tokens that were given out so far.
    pub fn refresh_tokens(&self) -> Vec<String> {
        self.state().grants.given(true)
    }

    /// Returns whether a token was given out, has not expired, was not replaced or revoked, and its person has not taken
    /// back their consent.
    pub fn is_live(&self, token: &str) -> bool {
        self.state().grants.subject(token, self.now()).is_some()
    }

    /// Returns how often a refresh token was presented so far, refused ones included.
    pub fn refreshes(&self) -> usize {
        self.state().grants.refreshes
    }

    /// Returns the tokens that were revoked so far at the revocation endpoint, `/revoke` (RFC 7009).
    pub fn revoked(&self) -> Vec<String> {
        self.state().grants.revoked.iter().cloned().collect()
    }
}
