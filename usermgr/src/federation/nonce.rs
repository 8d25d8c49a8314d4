//! The sign-in of an application on a device, which gets an ID token without a browser. The server gives it a nonce for the
//! ID token, and a signed state from which the nonce can be made again. So a token that was issued for another sign-in is
//! of no use, and nothing is stored before one has succeeded.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Flow, FlowKind, NoFlow};
use crate::{
    error::Fault,
    settings::Configured,
    store::SessionDigest,
    token::{OAuthState, OAuthStateToken, Unopened, used_up},
};

/// What an application begins with.
pub(crate) struct Nonce {
    pub(crate) state: OAuthStateToken,
    pub(crate) nonce: Zeroizing<String>,
}

/// A state that has come back.
pub(crate) struct Awaited {
    pub(crate) provider: String,
    pub(crate) nonce: Zeroizing<String>,
    /// Under which the state is recorded as used, and until when.
    pub(crate) once: (SessionDigest, Timestamp),
}

impl Flow<'_> {
    /// Makes a nonce.
    pub(crate) fn nonce(&self, now: Timestamp) -> Result<Nonce, Fault> {
        let key = self.configured.flow.current().ok_or(Fault::Busy)?;
        // No browser takes part, so there is no cookie.
        let claims = self.claims(key, String::new(), now)?;
        let issuer = self.configured.issuer::<OAuthState>();
        Ok(Nonce { nonce: key.value("native", &[claims.jti.as_bytes()]), state: issuer.issue(&claims)? })
    }
}

impl Awaited {
    /// Finds the provider and the nonce of a state.
    pub(crate) fn of(configured: &Configured, state: &OAuthStateToken, now: Timestamp) -> Result<Self, NoFlow> {
        let claims = configured.issuer::<OAuthState>().judge(state, now).map_err(NoFlow::from)?;
        if claims.f != FlowKind::Native.as_str() {
            return Err(NoFlow::Foreign);
        }
        let key = configured.flow.named(&claims.k).ok_or(NoFlow::Foreign)?;
        let (nonce, once) = (key.value("native", &[claims.jti.as_bytes()]), used_up(&claims.jti, claims.exp));
        Ok(Self { provider: claims.sub, nonce, once })
    }
}

impl From<Unopened> for NoFlow {
    fn from(unopened: Unopened) -> Self {
        match unopened {
            Unopened::Forged => Self::Forged,
            Unopened::Expired => Self::Expired,
        }
    }
}
