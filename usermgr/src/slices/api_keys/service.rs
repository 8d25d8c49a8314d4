//! Accounts of programs: they own keys, have no password and never log in.

use crate::{
    admin::Admin,
    manager::{ManagedUser, ProfileOf, UserManager},
    op::Op,
    slices::{RegisterError, registration},
    user::{EmailAddress, NewUser, service_email},
};

/// Makes a service account.
pub(crate) async fn create_service_account<M: UserManager + ?Sized>(
    op: Op<'_, M>,
    admin: &Admin,
    name: &str,
    profile: ProfileOf<M>,
) -> Result<ManagedUser<M>, RegisterError> {
    let cx = admin.acting(op.cx);
    let email: EmailAddress = service_email(name)?;
    // No mail could verify the address, and an account without a verified one has no keys.
    registration::create(Op { cx: &cx, ..op }, NewUser::new(email, profile).verified(true)).await
}
