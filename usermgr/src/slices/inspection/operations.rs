//! The state of a token: it is opened, and compared with the account as it is. Nothing is written.

use jiff::Timestamp;

use super::purposes::MailedPurpose;
use crate::{
    error::Fault,
    manager::UserManager,
    op::Op,
    slices::mail_login,
    store::{Lookup, UserStore},
    token::{Claims, Token, Unopened},
    user::EmailAddress,
};

/// What is known of a token that was sent by mail, before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenState {
    /// It can be used.
    #[non_exhaustive]
    Good {
        /// The address of which it is: the user's, or the new one that it confirms.
        email: EmailAddress,
        /// Until when it can be used.
        expires_at: Timestamp,
    },
    /// It was used, or what it was for has changed since.
    Spent,
    /// Its time is over.
    Expired,
    /// It was not issued by this manager, or for another purpose.
    Invalid,
}

/// Why an attempt to look at a token has no state.
enum Unknown {
    /// The token is not one of this manager. It counts as a wrong secret.
    Invalid,
    Fault(Fault),
}

/// Looks at a token. A wrong one counts against the network, as it does when it is used.
pub(crate) async fn inspect<M: UserManager + ?Sized, P: MailedPurpose>(
    op: Op<'_, M>,
    token: &Token<P>,
) -> Result<TokenState, Fault> {
    let is_wrong = |unknown: &Unknown| matches!(unknown, Unknown::Invalid);
    let looked = op.engine.limiter().attempt_by_token(op.cx.ip, op.engine.now(), look(op, token), is_wrong).await?;
    match looked {
        Ok(state) => Ok(state),
        Err(Unknown::Invalid) => Ok(TokenState::Invalid),
        Err(Unknown::Fault(fault)) => Err(fault),
    }
}

async fn look<M: UserManager + ?Sized, P: MailedPurpose>(
    op: Op<'_, M>,
    token: &Token<P>,
) -> Result<TokenState, Unknown> {
    let claims = match op.configured.issuer::<P>().judge(token, op.engine.now()) {
        Ok(claims) => claims,
        Err(Unopened::Expired) => return Ok(TokenState::Expired),
        Err(Unopened::Forged) => return Err(Unknown::Invalid),
    };
    let id = claims.subject().parse().map_err(|_| Unknown::Invalid)?;
    let found = op.engine.store().find(Lookup::Id(&id)).await;
    let record = found.map_err(|error| Unknown::Fault(error.into()))?;
    let is_good = record.is_some_and(|record| P::is_good(&claims, &record));
    let is_unused = match P::step(&claims).filter(|_| is_good) {
        Some(step) => {
            let waiting = mail_login::is_waiting(op.engine, step).await;
            waiting.map_err(|error| Unknown::Fault(error.into()))?
        }
        None => true,
    };
    Ok(match is_good && is_unused {
        true => {
            TokenState::Good { email: P::address(&claims), expires_at: token.expires_at().unwrap_or(Timestamp::MAX) }
        }
        false => TokenState::Spent,
    })
}
