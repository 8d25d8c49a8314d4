#[derive(Clone, Copy, Permission)]
pub enum Can {
    /// Sees all orders.
    #[permission("orders:read")]
    OrdersRead,
    Refund,
}
