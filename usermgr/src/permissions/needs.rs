//! What a handler needs, as a type: one permission, or a tuple of up to eight of them.

use super::{Permission, Permissions};

/// What a handler needs: a type of the module that [`#[derive(Permission)]`](macro@crate::permissions::Permission) writes, or
/// a tuple of up to eight, which means all of them. A tuple may contain tuples.
///
/// ```
/// use usermgr::{permissions::Needs, prelude::*};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can { OrdersRead, OrdersWrite, Refund }
///
/// assert!(<(can::OrdersWrite, can::Refund)>::NEEDED.names().eq(["orders_write", "refund"]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a permission of `{P}`",
    label = "not a permission of `{P}`",
    note = "name one by the module of the enum, such as `can::OrdersRead` for `Can::OrdersRead`, and several as a tuple of at most eight",
    note = "the permissions of a manager are those of its `Permits::Permission`"
)]
pub trait Needs<P> {
    /// The permissions that are needed, at least one.
    const NEEDED: Permissions<P>;
}

macro_rules! tuples {
    ($($($needed:ident)+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<P: Permission, $($needed: Needs<P>),+> Needs<P> for ($($needed,)+) {
            const NEEDED: Permissions<P> = Permissions::none()$(.union($needed::NEEDED))+;
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
