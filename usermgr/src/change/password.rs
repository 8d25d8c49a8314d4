//! The password of an account: verifying it, and replacing it in the record.

use crate::{
    audit::EventKind,
    change::right::demand_user,
    error::Fault,
    hook::{new_stamp, raise},
    limits::{Judgement, Subject},
    manager::UserManager,
    op::Op,
    password::{Claim, Verdict},
    store::RecordOf,
    user::{Password, PasswordHash, Record},
};

/// Whether this is the current password of the account.
pub(crate) async fn proves<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    password: &Password,
    record: &RecordOf<M::Store>,
) -> Result<bool, Fault> {
    let Op { engine, cx, .. } = op;
    demand_user(cx)?;
    let id = record.user.id.to_string();
    let subjects =
        [Subject::Network(cx.ip), Subject::Reauthentication(&id), Subject::ProofsFrom(cx.ip), Subject::ProofsOf(&id)];
    let work = async {
        let verdict = match password.normalized() {
            Ok(_) => {
                let claim = Claim::of(cx.ip, record.user.email.canonical());
                claim.scope(engine.hasher().verify(password, record.password_hash.as_ref())).await?
            }
            Err(_) => Verdict::Mismatch,
        };
        Ok(verdict)
    };
    let judge = |verdict: &Result<Verdict, Fault>| match verdict {
        Ok(verdict) if verdict.is_match() => Judgement::Succeeded,
        Ok(_) => Judgement::Counts,
        Err(_) => Judgement::Unjudged,
    };
    let (verdict, _) = engine.limiter().attempt(&subjects, engine.now(), work, judge).await?;
    let verdict = verdict?;
    if verdict == Verdict::Unusable {
        raise(engine, EventKind::HashUnusable, Some(&record.user.id), None, cx);
    }
    if !verdict.is_match() {
        raise(engine, EventKind::ReauthenticationFailed, Some(&record.user.id), None, cx);
    }
    Ok(verdict.is_match())
}

/// Returns the record with another password. Its new stamp ends every session and token.
pub(crate) fn with_password<M: UserManager + ?Sized>(
    record: &RecordOf<M::Store>,
    hash: &PasswordHash,
) -> Result<RecordOf<M::Store>, Fault> {
    Ok(Record { password_hash: Some(hash.clone()), stamp: new_stamp()?, ..record.clone() })
}
