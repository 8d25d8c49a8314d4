//! Reseals the sealed data of rows with the current key, row by row.

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
/// How often a page is read again after concurrent changes of its rows.
const TRIES: usize = 4;

/// The result of [`reseal`](crate::Administration::reseal).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// The number of resealed rows. Rows that already had the current key are not counted.
    pub rows: u64,
    /// The number of rows that cannot be opened: their key is not in the secret set, or they were changed. They are
    /// left as they are.
    pub unreadable: u64,
}

/// The result for a row.
enum Row {
    /// It has the current key, or no sealed data.
    Current,
    Resealed,
    Unreadable,
    /// A concurrent write has changed it.
    Lost,
}

pub(crate) async fn reseal<M: UserManager + ?Sized>(manager: &M, admin: &Admin, cx: &Context) -> Result<Resealed, Fault>
where
    M::Store: CredentialStore,
{
    let (engine, cx) = (manager.engine_ref(), admin.acting(cx));
    let configured = engine.configured(|| manager.settings())?;
    let (mut done, mut after, mut tries) = (Resealed::default(), None, 0);
    loop {
        let page = engine.store().list_credentials(after.as_ref(), PAGE).await?;
        let Some(last) = page.last().map(|credential| credential.id.clone()) else { return Ok(done) };
        let (mut lost, mut unreadable) = (false, Vec::new());
        for credential in page {
            match reseal_row(engine.store(), &configured.seal, &credential).await? {
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
            // The rows of this page that were resealed now have the current key.
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
