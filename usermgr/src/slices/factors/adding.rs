//! Adding a factor that its user has just proved. The first one ends all other sessions, raises the own one, and brings
//! recovery codes.

use super::{
    FactorError, RecoveryCodes,
    list::Own,
    notifications,
    recovery::{RECOVERY, credential},
};
use crate::{
    amr::{Amr, Method},
    audit::EventKind,
    change::{
        right::Right,
        transaction::{Held, Swap, hold},
        written::{Unwritten, until_written},
    },
    context::{Actor, Context},
    engine::Credentials,
    error::{Fault, RightLost},
    hook::{hook, new_stamp, raise},
    manager::{IdOf, ManagedUser, UserManager},
    notification::{enqueue::notify_about, notice::About},
    op::Op,
    session::Principal,
    store::{Credential, FactorInfo, Lookup, NewCredential, RecordOf, StoreError, UserStore},
    user::{Record, UserChange},
};

/// How many factors a user may have.
const MOST: usize = 20;

/// A second factor that was added.
#[derive(Debug)]
#[non_exhaustive]
pub struct AddedFactor {
    /// The factor.
    pub factor: FactorInfo,
    /// New recovery codes, if it is the first factor. Show them once.
    pub recovery_codes: Option<RecoveryCodes>,
}

/// What an account has before the change.
struct Before<'a, S: UserStore> {
    record: RecordOf<S>,
    own: Own<'a, S>,
}

impl<'a, S: UserStore> Before<'a, S> {
    async fn read<M: UserManager<Store = S> + ?Sized>(op: Op<'a, M>, user_id: &S::Id) -> Result<Self, FactorError> {
        let record = op.engine.store().find(Lookup::Id(user_id)).await?;
        let record = record.ok_or(Fault::RightLost(RightLost::Session))?;
        Ok(Self { record, own: Own::of(op.engine, user_id).await? })
    }

    /// Refuses what cannot be added now.
    fn admit<M: UserManager<Store = S> + ?Sized>(&self, op: Op<'_, M>) -> Result<(), FactorError> {
        if !self.record.user.is_verified {
            return Err(FactorError::NotVerified);
        }
        self.own.admit(op.cx)?;
        if self.own.count() >= MOST { Err(FactorError::TooMany) } else { Ok(()) }
    }
}

/// Returns the context of what a principal does, so that the session of the principal is judged and raised, whatever the
/// caller has put into the context.
pub(crate) fn acting<S: UserStore>(cx: &Context, principal: &Principal<S>) -> Context {
    match &cx.actor {
        Some(Actor::System(_)) => cx.clone(),
        _ => cx.clone().actor(Actor::of(principal)),
    }
}

/// Refuses a user who may not add a factor, before they set it up.
pub(crate) async fn may_add<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
) -> Result<RecordOf<M::Store>, FactorError> {
    let before = Before::read(op, user_id).await?;
    before.admit(op)?;
    Ok(before.record)
}

/// Adds a factor.
///
/// - `proved`: the methods that its user has proved with it.
pub(crate) async fn add<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    new: &NewCredential<IdOf<M>>,
    proved: &Amr,
) -> Result<AddedFactor, FactorError> {
    let Op { manager, engine, cx, .. } = op;
    let credentials = engine.credentials().ok_or(FactorError::NotInstalled)?;
    let info = described(op, new);
    let read = || Before::read(op, &new.user_id);
    let (info, raised) = (&info, &proved.and(&Method::MULTI_FACTOR.into()));
    let write = |before: Before<'a, M::Store>| async move {
        before.admit(op).map_err(Unwritten::Because)?;
        let Before { record: old, own } = before;
        hook!(gate(manager, Some(&old.user.id), cx): on_before_add_factor(&old.user, info)).await??;
        let (mut held, now) = hold(engine, &old, Right::of(cx), false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        credentials.insert(engine.store(), &mut held.tx, new).await.map_err(taken)?;
        let (mut record, mut codes) = (Record::clone(&now), None);
        if own.count() == 0 {
            codes = Some(new_codes(op, credentials, &mut held, &old.user.id).await?.1);
            record.stamp = new_stamp()?;
            held.raise(raised);
        }
        let change = UserChange::FactorAdded(&record.user);
        let notices = [notifications::added::<M>().notice().about_factor(info)];
        held.commit(manager, Swap { old: &now, new: &record }, &change, &notices, cx).await?;
        Ok((record.user, codes))
    };
    let (user, recovery_codes) = until_written(None, read, write).await?;
    report(op, &user, info).await;
    Ok(AddedFactor { factor: info.clone(), recovery_codes })
}

/// Replaces the recovery codes of a user who has a factor.
pub(crate) async fn replace_codes<'a, M: UserManager + ?Sized>(
    op: Op<'a, M>,
    user_id: &IdOf<M>,
) -> Result<RecoveryCodes, FactorError> {
    let Op { manager, engine, cx, .. } = op;
    let credentials = engine.credentials().ok_or(FactorError::NotInstalled)?;
    let read = || Before::read(op, user_id);
    let write = |Before { record: old, own }: Before<'a, M::Store>| async move {
        own.admit(cx).map_err(Unwritten::Because)?;
        if own.count() == 0 {
            return Err(Unwritten::Because(FactorError::Missing));
        }
        let (mut held, now) = hold(engine, &old, Right::of(cx), false).await?;
        if now.version != old.version {
            return Err(Unwritten::Stale);
        }
        let (info, codes) = new_codes(op, credentials, &mut held, &old.user.id).await?;
        let record = Record::clone(&now);
        let change = UserChange::FactorAdded(&record.user);
        let notices = [notifications::added::<M>().notice().about_factor(&info)];
        held.commit(manager, Swap { old: &now, new: &record }, &change, &notices, cx).await?;
        Ok((record.user, info, codes))
    };
    let (user, info, codes) = until_written(None, read, write).await?;
    report(op, &user, &info).await;
    Ok(codes)
}

/// Writes new recovery codes over the ones that the user has.
async fn new_codes<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    credentials: &dyn Credentials<M::Store>,
    held: &mut Held<'_, M::Store>,
    user_id: &IdOf<M>,
) -> Result<(FactorInfo, RecoveryCodes), Fault> {
    let (store, codes) = (op.engine.store(), RecoveryCodes::generate()?);
    let new = credential(user_id, &codes, &op.configured.recovery, op.engine.now())?;
    credentials.delete_kind(store, &mut held.tx, user_id, &RECOVERY).await?;
    credentials.insert(store, &mut held.tx, &new).await?;
    Ok((described(op, &new), codes))
}

/// Adds the first factor of an account in a transaction that also changes what else the account is. Returns the recovery
/// codes that it brings.
#[cfg(feature = "passkeys")]
pub(crate) async fn add_first<M: UserManager + ?Sized, E: From<Fault> + From<FactorError>>(
    op: Op<'_, M>,
    held: &mut Held<'_, M::Store>,
    new: &NewCredential<IdOf<M>>,
) -> Result<RecoveryCodes, Unwritten<E>> {
    let missing = || Unwritten::Because(FactorError::NotInstalled.into());
    let credentials = op.engine.credentials().ok_or_else(missing)?;
    credentials.insert(op.engine.store(), &mut held.tx, new).await.map_err(taken)?;
    Ok(new_codes(op, credentials, held, &new.user_id).await?.1)
}

/// Raises the event of a factor that is written, and tells its user.
pub(crate) async fn report<M: UserManager + ?Sized>(op: Op<'_, M>, user: &ManagedUser<M>, info: &FactorInfo) {
    raise(op.engine, EventKind::FactorAdded, Some(&user.id), Some(info.kind.to_string().into()), op.cx);
    notify_about(op.manager, &notifications::added(), user, About::Factor(info), op.cx).await;
}

/// The description of a credential that is about to be written.
pub(crate) fn described<M: UserManager + ?Sized>(op: Op<'_, M>, new: &NewCredential<IdOf<M>>) -> FactorInfo {
    let row = Credential::from(new.clone());
    let factor = op.engine.factors().iter().find(|factor| factor.kind() == row.kind);
    factor.map_or_else(|| FactorInfo::of(&row), |factor| factor.describe(&row))
}

/// The lookup of the new credential is in use.
fn taken<E: From<Fault> + From<FactorError>>(error: StoreError) -> Unwritten<E> {
    match error {
        StoreError::Conflict => Unwritten::Because(FactorError::AlreadyAdded.into()),
        error => error.into(),
    }
}
