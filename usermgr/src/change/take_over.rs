//! Taking over an account: a user logs in by proving an address that the account itself has never verified. The account
//! may have been created by an attacker who waits for the owner of the address to use it (Sudhodanan and Paverd,
//! "Pre-hijacked accounts", 2022).

use crate::{
    change::{deleted::Deleting, transaction::Held},
    engine::Engine,
    error::Fault,
    hook::new_stamp,
    manager::UserManager,
    store::{RecordOf, StoreError, UserStore},
    user::{PasswordHash, Record},
};

/// Reads the credentials that a take-over of the account will delete. It comes before the transaction.
pub(crate) async fn deleting<S: UserStore>(
    engine: &Engine<S>,
    record: &RecordOf<S>,
) -> Result<Deleting<S>, StoreError> {
    match record.user.is_verified {
        true => Ok(Deleting(Vec::new())),
        false => Deleting::of(engine, &record.user.id).await,
    }
}

/// Returns the account for the user who has proved its address, with the password that they have chosen, if any. Its new stamp
/// ends every session, every refresh token and every pending step. If the address was not verified, the credentials of
/// every kind are deleted too, in this transaction. If the address was verified, all credentials are kept: a reset must
/// not bypass a second factor (ASVS 5.0, 6.4.3).
pub(crate) async fn take_over<M: UserManager + ?Sized>(
    held: &mut Held<'_, M::Store>,
    record: &RecordOf<M::Store>,
    password: Option<&PasswordHash>,
) -> Result<RecordOf<M::Store>, Fault> {
    if !record.user.is_verified {
        held.delete_credentials(&record.user.id).await?;
    }
    Ok(Record { password_hash: password.cloned(), stamp: new_stamp()?, ..record.clone() })
}
