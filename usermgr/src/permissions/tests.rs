//! Sets of permissions and roles, and what was stored by another version of the program.

use serde_json::{Value, json};

use super::{Held, require};
use crate::{
    prelude::*,
    session::{Principal, SessionInfo},
    store::SessionId,
    user::{NewRecord, Stamp},
};

#[derive(Clone, Copy, PartialEq, Debug, Permission)]
enum Can {
    #[permission("orders:read")]
    Read,
    #[permission("orders:write")]
    Write,
    Refund,
}

#[derive(Clone, Copy, PartialEq, Debug, Roles)]
#[roles(Can)]
enum Role {
    #[role(Read)]
    Clerk,
    #[role(name = "sales", Read, Write)]
    Lead,
    #[role(all)]
    Owner,
}

fn roles(stored: Value) -> RoleSet<Role> {
    serde_json::from_value(stored).unwrap()
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

const NOW: &str = "2026-11-30T12:00:00Z";

#[test]
fn sets_are_sets() {
    let (read, both) = (Permissions::from(Can::Read), Permissions::from([Can::Write, Can::Read]));
    assert!(both.contains_all(read) && !read.contains_all(both) && read.contains_all(Permissions::none()));
    assert_eq!((read.union(both), read.intersection(both), both.difference(read)), (both, read, Can::Write.into()));
    assert_eq!(both.iter().collect::<Vec<_>>(), [Can::Read, Can::Write], "in the order of the enum");
    assert_eq!((both.len(), Permissions::<Can>::all().len()), (2, 3));
    assert!(Permissions::<Can>::default().is_empty());
    assert_eq!(format!("{both:?}"), r#"{"orders:read", "orders:write"}"#);
    assert_eq!(serde_json::to_value(both).unwrap(), json!(["orders:read", "orders:write"]));
}

#[test]
fn az2_a_stored_name_of_a_permission_that_was_removed_grants_nothing() {
    let scopes: Permissions<Can> = serde_json::from_value(json!(["orders:read", "orders:burn", "Refund", ""])).unwrap();
    assert_eq!(scopes, Can::Read.into());
    assert_eq!(Permissions::<Can>::from_names(["refund ", "REFUND"]), Permissions::none());
}

#[test]
fn az2_a_stored_role_that_is_not_understood_grants_nothing_and_is_kept() {
    let stored = json!([
        "clerk",
        "pirate",
        "Owner",
        "lead",
        7,
        null,
        ["owner"],
        {},
        { "role": "pirate" },
        { "role": 7 },
        { "name": "owner" },
        { "role": "owner", "on": "monday" },
        { "role": "owner", "in": 7 },
        { "role": "owner", "until": 7 },
        { "role": "owner", "until": "tomorrow" },
        { "role": "owner", "until": "2030-01-01" },
    ]);
    let roles = roles(stored.clone());
    assert_eq!(roles.grants(time(NOW)), Can::Read.into());
    assert_eq!(roles.grants_in("7", time(NOW)), Can::Read.into());
    assert_eq!((roles.iter().count(), roles.unknown().count()), (1, 15));
    assert_eq!(serde_json::to_value(&roles).unwrap(), stored, "and nothing of it is lost");
    // What is no list of entries is a mistake in the field, as in any other.
    for other in [json!("clerk"), json!(null), json!({ "role": "clerk" })] {
        assert!(serde_json::from_value::<RoleSet<Role>>(other).is_err());
    }
}

#[test]
fn a_role_counts_in_its_scope_and_until_its_end() {
    let held = roles(json!([
        { "role": "sales", "in": "team-x" },
        { "role": "owner", "in": "team-y", "until": NOW },
        { "role": "clerk", "in": null, "until": null },
    ]));
    let (before, then) = (time("2026-11-30T11:59:59.999999Z"), time(NOW));
    assert_eq!(held.grants(before), Can::Read.into());
    assert_eq!(held.grants_in("team-x", then), [Can::Read, Can::Write].into());
    assert_eq!(held.grants_in("team-y", before), Permissions::all());
    assert_eq!(held.grants_in("team-y", then), Can::Read.into());
    for other in ["", "team", "Team-x", "team-x "] {
        assert_eq!(held.grants_in(other, before), Can::Read.into(), "{other:?}");
    }
}

#[test]
fn roles_are_added_and_removed_by_role_and_scope() {
    let mut held = roles(json!(["pirate"]));
    held.insert(Held::new(Role::Lead));
    held.insert(Held::new(Role::Lead).in_scope("x").until(time(NOW)));
    held.insert(Held::new(Role::Lead).in_scope("x"));
    held.insert(Held::new(Role::Clerk).until(time(NOW)));
    let expected = json!(["pirate", "sales", { "role": "sales", "in": "x" }, { "role": "clerk", "until": "2026-11-30T12:00:00Z" }]);
    assert_eq!(serde_json::to_value(&held).unwrap(), expected);
    assert_eq!(roles(expected), held);
    assert!(held.remove(Role::Lead) && !held.remove(Role::Lead));
    assert!(!held.remove_in("y", Role::Lead) && held.remove_in("x", Role::Lead));
    assert!(held.remove(Role::Clerk));
    assert_eq!(held, roles(json!(["pirate"])));
    assert_ne!(held, RoleSet::new());
}

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

impl Permits for Accounts {
    type Permission = Can;

    fn permits(&self, user: &User) -> Permissions<Can> {
        if user.is_verified { Can::Read.into() } else { Permissions::none() }
    }
}

fn principal([superuser, verified]: [bool; 2]) -> Principal<MemoryStore> {
    let email = EmailAddress::parse("ada@example.com").unwrap();
    let new = NewRecord::new(email, time(NOW), NoProfile, Stamp::from_bytes([0; 16]));
    let mut record = new.with_id(uuid::Uuid::nil());
    (record.user.is_superuser, record.user.is_verified) = (superuser, verified);
    let session = SessionInfo::new(SessionId::new("one"), "bearer", time(NOW), time(NOW));
    Principal::new(record, session)
}

#[test]
fn az1_without_an_extractor_a_session_is_judged_in_the_same_way() {
    let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
    let read = require(&accounts, &principal([false, true]), Can::Read);
    assert_eq!(read.unwrap(), Can::Read.into());
    let refused = require(&accounts, &principal([false, true]), [Can::Refund, Can::Read, Can::Write]).unwrap_err();
    assert_eq!(refused.missing(), ["orders:write", "refund"]);
    assert_eq!(refused.to_string(), "not permitted: orders:write, refund");
    assert_eq!(require(&accounts, &principal([false, false]), Can::Read).unwrap_err().missing(), ["orders:read"]);
    assert_eq!(require(&accounts, &principal([true, false]), Can::Refund).unwrap(), Permissions::all());
}
