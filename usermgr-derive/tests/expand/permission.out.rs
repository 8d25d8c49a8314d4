#[automatically_derived]
#[allow(deprecated)]
impl ::usermgr::permissions::Permission for Can {
    const ALL: &'static [Self] = &[Self::OrdersRead, Self::Refund];
    fn name(self) -> &'static str {
        match self {
            Self::OrdersRead { .. } => "orders:read",
            Self::Refund { .. } => "refund",
        }
    }
    fn place(self) -> ::usermgr::__private::Place {
        match self {
            Self::OrdersRead { .. } => ::usermgr::__private::Place::new(0u8),
            Self::Refund { .. } => ::usermgr::__private::Place::new(1u8),
        }
    }
}
/// A type for each permission of [`Can`], which handlers name in `Requires`.
#[allow(dead_code, unreachable_pub)]
pub mod can {
    /// Sees all orders.
    ///
    /// The permission `orders:read`, for `Requires`.
    pub enum OrdersRead {}
    /// The permission `refund`, for `Requires`.
    pub enum Refund {}
}
#[automatically_derived]
impl ::usermgr::permissions::Needs<Can> for can::OrdersRead {
    const NEEDED: ::usermgr::permissions::Permissions<Can> = ::usermgr::__private::permission(
        0u8,
    );
}
#[automatically_derived]
impl ::usermgr::permissions::Needs<Can> for can::Refund {
    const NEEDED: ::usermgr::permissions::Permissions<Can> = ::usermgr::__private::permission(
        1u8,
    );
}
