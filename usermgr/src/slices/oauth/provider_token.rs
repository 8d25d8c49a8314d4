//! An access token for the application that is still good. It is refreshed if need be, by one caller at a time, also of
//! several processes.
//!
//! A good provider replaces a refresh token at each use, and takes a second use for a theft, which ends all tokens of the
//! user. So the row is claimed by a swap before the refresh token goes anywhere, and others wait until it is written
//! again. The refresh goes on if its caller has gone, because the new tokens exist nowhere else.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{
    LinkedIdentity, OAuthError,
    callback::failed,
    tokens::{lost, open},
};
use crate::{
    attempts::Attempts,
    context::Context,
    error::Fault,
    federation::{Installed, Kept, ProviderToken, Remote, Tokens},
    manager::{IdOf, ManagedUser, UserManager},
    op::{Begun, Op},
    span::later,
    store::{Credential, CredentialId, Identity, StoreError},
};

/// A token is refreshed if it expires within this time, so that the application can use it.
const SOON: Duration = Duration::from_secs(60);
/// The pauses of a caller who waits for another one's refresh grow from the first to the second.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(320)];

/// The kept tokens of an identity, and their provider.
struct Found<'a, I> {
    remote: &'a Remote,
    row: Credential<I>,
    kept: Kept,
}

pub(crate) async fn provider_token<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    user: &ManagedUser<M>,
    id: &CredentialId,
    cx: &Context,
) -> Result<ProviderToken, OAuthError> {
    let begun = Begun::new(&**manager, cx)?;
    let op = begun.op();
    let (began, mut pause) = (Instant::now(), PAUSES[0]);
    loop {
        let Found { remote, row, kept } = find(op, &user.id, id).await?;
        let tokens = kept.tokens.as_ref().ok_or(OAuthError::SignInAgain)?;
        let now = op.engine.now();
        if tokens.is_good_at(later(now, SOON)) {
            return Ok(tokens.into());
        }
        if tokens.refresh.is_none() {
            return if tokens.is_good_at(now) { Ok(tokens.into()) } else { Err(OAuthError::SignInAgain) };
        }
        let is_claimed = kept.claimed_until.is_some_and(|until| until > now);
        if !is_claimed && let Some(token) = in_background(manager, id, row, kept, cx).await? {
            return Ok(token);
        }
        // The one who has claimed the row has either written it by then or is gone.
        if began.elapsed() > remote.lease() {
            return Err(OAuthError::Unavailable { retry_after: Duration::from_secs(5) });
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES[1]);
    }
}

/// Reads the tokens of an identity.
async fn find<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    user_id: &IdOf<M>,
    id: &CredentialId,
) -> Result<Found<'a, IdOf<M>>, OAuthError> {
    let engine = op.engine;
    let parts = engine.credentials().zip(engine.kept::<Installed<M::Store>>());
    let (credentials, installed) = parts.ok_or(OAuthError::NotFound)?;
    let rows = credentials.of_user(engine.store(), user_id, engine.now()).await?;
    let identity = rows.iter().filter_map(LinkedIdentity::of).find(|identity| identity.id == *id);
    let identity = identity.ok_or(OAuthError::NotFound)?;
    let remote = installed.remote(&identity.provider).ok_or(OAuthError::NotFound)?;
    if !remote.provider().keeps_tokens() {
        return Err(OAuthError::TokensNotKept);
    }
    let lookup = Some(Identity::new(identity.provider, identity.subject).lookup());
    let row = rows.into_iter().find(|row| row.kind == Kept::KIND && row.lookup == lookup);
    let row = row.ok_or(OAuthError::SignInAgain)?;
    let kept = open(op, &row).map_err(Fault::from)?;
    Ok(Found { remote, row, kept })
}

/// Refreshes in a task of its own. Returns `None` if another caller was first.
async fn in_background<M: UserManager + ?Sized>(
    manager: &Arc<M>,
    id: &CredentialId,
    row: Credential<IdOf<M>>,
    kept: Kept,
    cx: &Context,
) -> Result<Option<ProviderToken>, OAuthError> {
    let slot = manager.engine_ref().background().reserve()?;
    let (sender, receiver) = oneshot::channel();
    let (manager, id, cx) = (manager.clone(), id.clone(), cx.clone());
    slot.spawn(async move {
        let outcome = match Begun::new(&*manager, &cx) {
            Ok(begun) => Box::pin(refresh(begun.op(), &id, row, kept)).await,
            Err(fault) => Err(fault.into()),
        };
        // The caller may have gone.
        let _ = sender.send(outcome);
    });
    let cut_off = |_| OAuthError::Unavailable { retry_after: Duration::from_secs(1) };
    receiver.await.map_err(cut_off)?
}

/// Claims the row, refreshes, and writes what has come of it. Returns `None` if the row has changed, so that it must be
/// looked at again.
async fn refresh<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    id: &CredentialId,
    mut row: Credential<IdOf<M>>,
    mut kept: Kept,
) -> Result<Option<ProviderToken>, OAuthError> {
    let installed = op.engine.kept::<Installed<M::Store>>().ok_or(OAuthError::NotFound)?;
    let remote = installed.remote(&kept.provider).ok_or(OAuthError::NotFound)?;
    let old = kept.tokens.clone().ok_or(OAuthError::SignInAgain)?;
    let sent = old.refresh.clone().ok_or(OAuthError::SignInAgain)?;
    let now = op.engine.now();
    kept.claimed_until = Some(later(now, remote.lease()));
    if !write(op, &mut row, &kept).await? {
        return Ok(None);
    }
    kept.claimed_until = None;
    match remote.refresh(&sent, now).await {
        Ok(Some(new)) => renew(op, remote, id, row, kept, new, &sent).await,
        Ok(None) => {
            // The row stays, without its tokens, because a sign-in may replace them at this moment.
            kept.tokens = None;
            if !write(op, &mut row, &kept).await? {
                return Ok(None);
            }
            lost(op, &row.user_id, &kept.provider, "the provider has refused the refresh token");
            Err(OAuthError::SignInAgain)
        }
        Err(error) => {
            // Without this write, the claim ends by itself.
            let _ = write(op, &mut row, &kept).await;
            let error = failed(op, &kept.provider, &error);
            if old.is_good_at(op.engine.now()) { Ok(Some((&old).into())) } else { Err(error) }
        }
    }
}

/// Writes new tokens. A failing store is tried again, because they exist nowhere else.
async fn renew<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    remote: &Remote,
    id: &CredentialId,
    mut row: Credential<IdOf<M>>,
    mut kept: Kept,
    new: Tokens,
    sent: &str,
) -> Result<Option<ProviderToken>, OAuthError> {
    let mut attempts = Attempts::default();
    loop {
        let tokens = match &kept.tokens {
            Some(old) => new.clone().refreshed_from(old),
            None => new.clone(),
        };
        let token = ProviderToken::from(&tokens);
        kept.tokens = Some(tokens);
        let error = match write(op, &mut row, &kept).await {
            Ok(true) => return Ok(Some(token)),
            Ok(false) => Fault::Busy.into(),
            Err(error) => error,
        };
        if !attempts.another().await {
            return Err(error);
        }
        match find(op, &row.user_id, id).await {
            // A sign-in has written the row, and has kept the refresh token that has just been used up.
            Ok(found) if found.kept.tokens.as_ref().is_some_and(|tokens| tokens.has_refresh(sent)) => {
                (row, kept) = (found.row, Kept { claimed_until: None, ..found.kept });
            }
            // A sign-in has brought a refresh token of its own, or the write has succeeded after all.
            Ok(_) => return Ok(None),
            // The identity was unlinked: what is not kept is revoked.
            Err(OAuthError::NotFound) => {
                remote.revoke(&new, op.engine.now()).await;
                return Err(OAuthError::NotFound);
            }
            // The next attempt writes to the row as it was.
            Err(_) => {}
        }
    }
}

/// Seals and writes. Returns `false` if the row has changed since it was read.
async fn write<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    row: &mut Credential<IdOf<M>>,
    kept: &Kept,
) -> Result<bool, OAuthError> {
    let credentials = op.engine.credentials().ok_or(OAuthError::NotFound)?;
    let sealed = kept.seal(&op.configured.seal, &row.user_id.to_string(), &row.id).map_err(Fault::from)?;
    let changed = Credential { data: sealed, used_at: Some(op.engine.now()), ..row.clone() };
    let written: Result<bool, StoreError> = credentials.swap(op.engine.store(), &changed).await;
    if written? {
        row.version += 1;
        return Ok(true);
    }
    Ok(false)
}
