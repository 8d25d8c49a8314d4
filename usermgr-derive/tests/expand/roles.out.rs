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
            Self::Guest { .. } => ::usermgr::permissions::Permissions::<Can>::none(),
            Self::Clerk { .. } => {
                ::usermgr::permissions::Permissions::<
                    Can,
                >::from([Can::OrdersRead, Can::Refund])
            }
            Self::Owner { .. } => ::usermgr::permissions::Permissions::<Can>::all(),
        }
    }
}
