#[automatically_derived]
#[allow(deprecated)]
impl ::usermgr::permissions::Roles for Role {
    type Permission = Can;
    const ALL: &'static [Self] = &[Self::Guest, Self::Clerk, Self::Owner];
    fn name(self) -> &'static str {
        match self {
            Self::Guest { .. } => "guest",
            Self::Clerk { .. } => "sales",
            Self::Owner { .. } => "owner",
        }
    }
    fn grants(self) -> ::usermgr::permissions::Permissions<Can> {
        match self {
            Self::Guest { .. } => ::usermgr::permissions::Permissions::none(),
            Self::Clerk { .. } => {
                ::usermgr::__private::these::<Self, _>([Can::OrdersRead, Can::Refund])
            }
            Self::Owner { .. } => ::usermgr::__private::all::<Self>(),
        }
    }
}
