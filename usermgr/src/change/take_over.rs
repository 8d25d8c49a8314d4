//! Taking an account over: somebody comes in by proving its address, which the account itself has never proved. Then the account was
//! perhaps made by somebody else, who waits for the owner of the address to use it (Sudhodanan and Paverd, "Pre-hijacked accounts", 2022).

use crate::{
    change::{password::with_password, transaction::Held},
    error::Fault,
    manager::UserManager,
    store::RecordOf,
    user::PasswordHash,
};

/// The account as it belongs to who has proved its address, with the password that they have chosen. Its new stamp ends every session,
/// every refresh token and whatever is under way. Where the address was not verified, the credentials of every kind go too, in this
/// transaction. Of a verified address no credential is touched: a reset does not go round a second factor (ASVS 5.0, 6.4.3).
pub(crate) async fn take_over<M: UserManager + ?Sized>(
    held: &mut Held<'_, M::Store>,
    record: &RecordOf<M::Store>,
    password: &PasswordHash,
) -> Result<RecordOf<M::Store>, Fault> {
    if !record.user.is_verified {
        held.delete_credentials(&record.user.id).await?;
    }
    with_password::<M>(record, password)
}
