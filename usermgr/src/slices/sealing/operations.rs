//! What is sealed in rows is sealed anew with the current key, row by row.

use crate::{
    admin::Admin,
    audit::EventKind,
    context::Context,
    error::Fault,
    hook::raise,
    manager::UserManager,
    seal::{Place, SealError, SealKeys, is_sealed},
    store::{Credential, CredentialStore},
};

/// How many rows are read at once.
const PAGE: u32 = 100;
/// How often a page is read again because others have changed rows of it meanwhile.
const TRIES: usize = 4;

/// What [`reseal`](crate::Administration::reseal) has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// How many rows were sealed anew. Those that had the current key already are not counted.
    pub rows: u64,
    /// How many rows do not open: their key is in no secret of the set, or they were changed. They stay as they are.
    pub unreadable: u64,
}

/// What became of a row.
enum Row {
    /// It has the current key, or nothing sealed.
    Current,
    Resealed,
    Unreadable,
    /// Another has changed it meanwhile.
    Lost,
}

pub(crate) async fn reseal<M: UserManager + ?Sized>(manager: &M, admin: &Admin, cx: &Context) -> Result<Resealed, Fault>
where
    M::Store: CredentialStore,
{
    let (engine, cx) = (manager.engine_ref(), admin.acting(cx));
    let keys = &engine.configured(|| manager.settings())?.seal;
    let (mut done, mut after, mut tries) = (Resealed::default(), None, 0);
    loop {
        let page = engine.store().list_credentials(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().map(|credential| credential.id.clone()) else { return Ok(done) };
        let (mut lost, mut unreadable) = (false, Vec::new());
        for credential in page {
            match reseal_row(engine.store(), keys, &credential).await? {
                Row::Current => {}
                Row::Resealed => done.rows += 1,
                Row::Unreadable => unreadable.push(credential),
                Row::Lost => lost = true,
            }
        }
        if lost {
            tries += 1;
            if tries == TRIES {
                return Err(Fault::Busy);
            }
            // What was sealed anew in this page has the current key by now.
            continue;
        }
        for credential in unreadable {
            done.unreadable += 1;
            let detail = format!("{} {}", credential.kind, credential.id).into();
            raise(engine, EventKind::SealUnreadable, Some(&credential.user_id), Some(detail), &cx);
        }
        (after, tries) = (Some(last), 0);
    }
}

async fn reseal_row<S: CredentialStore>(
    store: &S,
    keys: &SealKeys,
    credential: &Credential<S::Id>,
) -> Result<Row, Fault> {
    if !is_sealed(&credential.data) || keys.is_current(&credential.data) {
        return Ok(Row::Current);
    }
    let user = credential.user_id.to_string();
    let place = Place { kind: credential.kind.as_str(), user: &user, row: credential.id.as_str() };
    let plain = match keys.open(place, &credential.data) {
        Ok(plain) => plain,
        Err(SealError::UnknownKey | SealError::Forged) => return Ok(Row::Unreadable),
        Err(error @ SealError::Failed) => return Err(error.into()),
    };
    let mut fresh = credential.clone();
    fresh.data = keys.seal(place, &plain)?;
    Ok(if store.swap_credential(&fresh).await? { Row::Resealed } else { Row::Lost })
}
