//! Which account a user gets into who comes from a provider: the one of the identity, a new one, or, if it is allowed,
//! the one with the same address.

use super::{
    OAuthError,
    found::{Entered, Found, find, identity},
    linking, register, tokens,
};
use crate::{
    amr::{Amr, Method},
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Swap, hold},
        written::{Unwritten, until_written},
    },
    federation::{Identified, Installed, Kept, Provider},
    hook::{hook, raise},
    login::{LoggedIn, establish, login_backend},
    manager::UserManager,
    notification::enqueue::notify,
    op::Op,
    session::Authenticated,
    slices::{invitations, registration, verification},
    store::{Credential, Identity, Lookup, RecordOf, UserStore},
    user::{OAuthClaims, Record, UserChange},
};

/// Logs in the user that a provider has named.
pub(crate) async fn sign_in<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    provider: &Provider,
    identified: Identified,
    backend: &str,
) -> Result<LoggedIn<M::Store>, OAuthError> {
    let backend = login_backend(op.engine, backend)?;
    let who = enter(op, installed, provider, identified).await?;
    let username = who.user().email.to_string();
    Ok(establish(op.manager, who, backend, &username, op.cx).await?)
}

/// Finds, makes or links the account of the user that a provider has named.
pub(super) async fn enter<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    provider: &Provider,
    Identified { claims, tokens }: Identified,
) -> Result<Authenticated<M::Store>, OAuthError> {
    let claimed = &claims;
    let read = || async move { find(op, claimed).await };
    let write = |found: Found<M::Store>| async move {
        match found {
            Found::Known(known) => Ok(Entered::Known(known)),
            Found::Free(email) => register::register(op, installed, provider, claimed, email).await,
            Found::Taken(email, record) => linking::by_email(op, provider, claimed, &email, *record).await,
        }
    };
    let entered = until_written(None, read, write).await?;
    let record = reported(op, &claims, entered).await?;
    tokens::keep(op, &record.user.id, &claims, tokens).await?;
    let mut methods = Amr::from(Method::FEDERATED);
    if provider.is_two_factors() {
        methods = methods.and(&Method::MULTI_FACTOR.into());
    }
    Ok(Authenticated::new(record, methods, op.engine.now()).with_claims(claims))
}

/// Reports how a user got in.
async fn reported<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
    entered: Entered<M::Store>,
) -> Result<RecordOf<M::Store>, OAuthError> {
    let Op { manager, engine, cx, .. } = op;
    let linked = identity(claims);
    match entered {
        Entered::Known(known) => {
            let (credential, record) = *known;
            note_address(op, claims, &credential).await;
            proved(op, claims, record).await
        }
        Entered::Registered(record) => {
            let user = &record.user;
            raise(engine, EventKind::Registered, Some(&user.id), Some(claims.provider.clone().into()), cx);
            notify(manager, &registration::notifications::registered(), user, None, cx).await;
            hook!(after(manager, Some(&user.id), cx): on_after_oauth_register(user, claims)).await;
            Ok(record)
        }
        Entered::Linked(record) => {
            linking::reported(op, &record.user, &linked).await;
            Ok(record)
        }
        Entered::Claimed(record) => {
            let id = Some(&record.user.id);
            raise(engine, EventKind::AccountClaimed, id, Some(claims.provider.clone().into()), cx);
            linking::reported(op, &record.user, &linked).await;
            Ok(record)
        }
        Entered::Invited(record) => {
            invitations::reported(op, &record.user, &claims.provider).await;
            linking::reported(op, &record.user, &linked).await;
            Ok(record)
        }
    }
}

/// Keeps the address that the provider reports now. The address of the account never follows it.
async fn note_address<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
    credential: &Credential<<M::Store as UserStore>::Id>,
) {
    let engine = op.engine;
    let now = identity(claims);
    if Identity::read(credential).is_ok_and(|known| known.email == now.email) {
        return;
    }
    let data = now.to_credential(credential.user_id.clone(), credential.created_at).data;
    let changed = Credential { data, used_at: Some(engine.now()), ..credential.clone() };
    if let Some(credentials) = engine.credentials() {
        // It is a note. A sign-in at the same moment writes the same one.
        let _ = credentials.swap(engine.store(), &changed).await;
    }
}

/// Marks the address of an account verified if its provider proves it now. The account must have no other way in, so that
/// no one else can be its maker.
async fn proved<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    claims: &OAuthClaims,
    record: RecordOf<M::Store>,
) -> Result<RecordOf<M::Store>, OAuthError> {
    let Op { manager, engine, cx, .. } = op;
    let is_provable = |record: &RecordOf<M::Store>| {
        let user = &record.user;
        let own = claims.email.as_ref() == Some(&user.email) && claims.proves_email();
        own && user.is_active && !user.is_verified && record.password_hash.is_none()
    };
    if !is_provable(&record) {
        return Ok(record);
    }
    let id = record.user.id.clone();
    let id = &id;
    let read = || async move {
        engine.store().find(Lookup::Id(id)).await?.ok_or(OAuthError::Login(crate::LoginError::BadCredentials))
    };
    let write = |old: RecordOf<M::Store>| async move {
        let Some(credentials) = engine.credentials() else { return Ok((old, false)) };
        let rows = credentials.of_user(engine.store(), id, engine.now()).await?;
        // Tokens of a provider are no way in.
        let ways = rows.iter().filter(|row| row.kind != Kept::KIND).count();
        if !is_provable(&old) || ways != 1 {
            return Ok((old, false));
        }
        let (held, now) = hold(engine, &old, Right::default(), false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        let mut new = Record::clone(&now);
        new.user.is_verified = true;
        let notices = [verification::notifications::verified::<M>().notice()];
        let (swap, change) = (Swap { old: &now, new: &new }, UserChange::Verified(&new.user));
        held.commit(manager, swap, &change, &notices, cx).await?;
        new.version += 1;
        Ok((new, true))
    };
    let (record, written) = until_written::<_, _, OAuthError, _, _>(Some(record), read, write).await?;
    if written {
        raise(engine, EventKind::Verified, Some(&record.user.id), None, cx);
        notify(manager, &verification::notifications::verified(), &record.user, None, cx).await;
    }
    Ok(record)
}
