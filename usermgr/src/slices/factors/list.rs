//! The factors of a user: the list, and the name of one.

use super::FactorError;
use crate::{
    attempts::Attempts,
    change::right::demand_user,
    context::{Actor, Context},
    engine::{Engine, Factor},
    error::Fault,
    manager::{IdOf, ManagedUser, UserManager},
    op::Op,
    store::{Credential, CredentialId, FactorInfo, UserStore},
};

/// The credentials of a user that are second factors, each with its factor.
pub(super) struct Own<'a, S: UserStore> {
    pub(super) rows: Vec<(Credential<S::Id>, &'a dyn Factor<S>)>,
}

impl<'a, S: UserStore> Own<'a, S> {
    pub(super) async fn of(engine: &'a Engine<S>, user_id: &S::Id) -> Result<Self, Fault> {
        let Some(credentials) = engine.credentials() else { return Ok(Self { rows: Vec::new() }) };
        let rows = credentials.of_user(engine.store(), user_id, engine.now()).await?;
        let factors = engine.factors();
        let with_factor = |row: Credential<S::Id>| {
            let factor = factors.iter().find(|factor| factor.kind() == row.kind)?;
            Some((row, &**factor))
        };
        Ok(Self { rows: rows.into_iter().filter_map(with_factor).collect() })
    }

    /// How many factors there are that are not only replacements.
    pub(super) fn count(&self) -> usize {
        self.rows.iter().filter(|(_, factor)| !factor.is_backup()).count()
    }

    /// Refuses a caller whose session proves less than the account demands: with a stolen password alone, no one changes the
    /// factors.
    pub(super) fn admit(&self, cx: &Context) -> Result<(), FactorError> {
        demand_user(cx)?;
        match &cx.actor {
            Some(Actor::User { session, .. }) if self.count() > 0 && !session.amr.is_multi_factor() => {
                Err(FactorError::SecondFactorRequired)
            }
            _ => Ok(()),
        }
    }
}

/// The factors of a user, the oldest first, and then what replaces them.
pub(crate) async fn factors<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<Vec<FactorInfo>, Fault> {
    let own = Own::of(op.engine, &user.id).await?;
    let (backups, factors): (Vec<_>, Vec<_>) = own.rows.iter().partition(|(_, factor)| factor.is_backup());
    Ok(factors.into_iter().chain(backups).map(|(row, factor)| factor.describe(row)).collect())
}

/// Gives a factor of a user another name.
pub(crate) async fn rename<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user_id: &IdOf<M>,
    id: &CredentialId,
    label: Option<&str>,
) -> Result<FactorInfo, FactorError> {
    let Op { engine, cx, .. } = op;
    let label = FactorInfo::read_label(label).map_err(|()| FactorError::InvalidLabel)?;
    let credentials = engine.credentials().ok_or(FactorError::NotFound)?;
    let mut attempts = Attempts::default();
    loop {
        let own = Own::of(engine, user_id).await?;
        own.admit(cx)?;
        let (row, factor) = own.rows.iter().find(|(row, _)| row.id == *id).ok_or(FactorError::NotFound)?;
        let named = Credential { label: label.clone(), ..row.clone() };
        if credentials.swap(engine.store(), &named).await? {
            return Ok(factor.describe(&named));
        }
        attempts.another_or_busy().await?;
    }
}
