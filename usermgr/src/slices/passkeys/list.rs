//! The passkeys of a user, as their owner sees them.

use jiff::Timestamp;
use serde::Serialize;

use super::part::InstalledPasskeys;
use crate::{
    manager::{ManagedUser, UserManager},
    op::Op,
    passkey::{KIND, KeptPasskey},
    slices::factors::FactorError,
    store::{Credential, CredentialId, StoreError},
};

/// The passkeys of a user, with what a page needs to tell the browser which ones are still accepted
/// (`PublicKeyCredential.signalAllAcceptedCredentials`). A passkey that was removed here then vanishes from the devices of
/// its owner too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PasskeyList {
    /// The id of the relying party.
    pub rp_id: String,
    /// The handle of the user in base64url. `None` for a user without passkeys.
    pub user_handle: Option<String>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<PasskeyInfo>,
}

/// A passkey of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PasskeyInfo {
    /// The name under which it is renamed and removed.
    pub id: CredentialId,
    /// The id that the authenticator has given it, in base64url.
    pub credential_id: String,
    /// The name that its owner has given it.
    pub label: Option<String>,
    /// Whether it is backed up: the owner has it on other devices too, or gets it back on a new one.
    pub is_synced: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl PasskeyInfo {
    fn of<I>(row: &Credential<I>) -> Result<Self, StoreError> {
        let KeptPasskey { id: credential_id, backed_up: is_synced, .. } = KeptPasskey::of(row)?;
        let Credential { id, label, created_at, used_at, .. } = row;
        let (id, label) = (id.clone(), label.clone());
        Ok(Self { id, credential_id, label, is_synced, created_at: *created_at, used_at: *used_at })
    }
}

/// Lists the passkeys of a user.
pub(crate) async fn list<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    user: &ManagedUser<M>,
) -> Result<PasskeyList, FactorError> {
    let engine = op.engine;
    let (Some(installed), Some(credentials)) = (engine.kept::<InstalledPasskeys>(), engine.credentials()) else {
        return Err(FactorError::NotInstalled);
    };
    let rows = credentials.of_user(engine.store(), &user.id, engine.now()).await?;
    let user_handle = KeptPasskey::all(&rows)?.into_iter().next().map(|kept| kept.handle);
    let passkeys = rows.iter().filter(|row| row.kind == KIND).map(PasskeyInfo::of).collect::<Result<_, _>>()?;
    Ok(PasskeyList { rp_id: installed.verifier.rp_id().to_owned(), user_handle, passkeys })
}
