// Permissions and roles are enums, wherever they are and whatever their variants are called.
use serde::{Deserialize, Serialize};
use um::{permissions::Needs, prelude::*};

/// What can be done in the shop.
#[derive(Clone, Copy, PartialEq, Debug, um::permissions::Permission)]
#[permission(crate = ::um)]
pub enum Can {
    /// Sees orders.
    #[permission("orders:read")]
    OrdersRead = 7,
    r#Try,
    #[deprecated]
    Old,
}

#[derive(Clone, Copy, um::permissions::Roles)]
#[roles(Can, crate = ::um)]
#[non_exhaustive]
enum Role {
    #[role(OrdersRead)]
    #[role(r#Try)]
    Clerk,
    #[role(all, name = "boss")]
    Owner,
    #[role()]
    Guest,
}

#[derive(Clone, Debug, Serialize, Deserialize, Profile)]
#[profile(crate = ::um)]
struct Staff {
    name: String,
    #[profile(admin)]
    roles: RoleSet<Role>,
    #[profile(admin, hidden)]
    note: Option<String>,
}

#[derive(Clone, Copy, Permission)]
enum Nothing {}

mod r#move {
    use super::*;

    #[derive(Clone, Copy, Permission)]
    pub(super) enum Move {
        Left,
    }

    pub(super) fn left() -> Permissions<Move> {
        <r#move::Left as Needs<Move>>::NEEDED
    }
}

pub fn main() {
    assert_eq!(Can::ALL.len(), 3);
    assert!(Role::Clerk.grants().names().eq(["orders:read", "try"]));
    assert_eq!((Role::Owner.name(), Role::Owner.grants()), ("boss", Permissions::all()));
    assert!(Role::Guest.grants().is_empty() && Nothing::ALL.is_empty());
    assert!(<(can::OrdersRead, (can::r#Try,)) as Needs<Can>>::NEEDED == Role::Clerk.grants());
    assert!(r#move::left().names().eq(["left"]));

    let mut staff = Staff::create(StaffRegister { name: "Ada".to_owned() });
    staff.apply(StaffUpdate { name: Some("Grace".to_owned()) });
    let roles = Some(RoleSet::from([Role::Owner]));
    staff.apply_admin(StaffAdminUpdate { roles, note: Some(None), ..StaffAdminUpdate::default() });
    assert_eq!((staff.name.as_str(), staff.roles.iter().count()), ("Grace", 1));

    fn inside() -> &'static str {
        #[derive(Clone, Copy, Permission)]
        enum May {
            Ship,
        }
        let _: Permissions<May> = <may::Ship as Needs<May>>::NEEDED;
        May::Ship.name()
    }
    assert_eq!(inside(), "ship");
}
