//! Every operation and every hook: which hooks are called, with what, in which order, before or after the write, and what becomes of the
//! answer, the row and the events when one of them fails, panics or hangs.

#[path = "hooks/addresses.rs"]
mod addresses;
#[path = "hooks/cases.rs"]
mod cases;
#[path = "hooks/http.rs"]
mod http;
#[path = "hooks/world.rs"]
mod world;

use std::{collections::BTreeSet, time::Duration};

use cases::{Case, cases};
use usermgr::{LoginError, prelude::*};
use world::{ADA, Behaviour, GOOD, HOOK_TIMEOUT, VERA, World};

/// All hooks of the trait.
const HOOKS: [&str; 29] = [
    "validate_password",
    "on_before_register",
    "on_before_login",
    "on_before_update",
    "on_before_delete",
    "on_before_commit",
    "on_after_register",
    "on_after_duplicate_register",
    "on_after_login",
    "on_after_failed_login",
    "on_after_lockout",
    "on_after_impersonate",
    "on_after_logout",
    "on_after_revoke_session",
    "on_after_token_theft",
    "on_after_request_verify",
    "on_after_verify",
    "on_after_forgot_password",
    "on_after_request_login",
    "on_after_invite",
    "on_after_accept_invitation",
    "on_after_reset_password",
    "on_after_change_password",
    "on_after_request_email_change",
    "on_after_change_email",
    "on_after_change_username",
    "on_after_rehash_password",
    "on_after_update",
    "on_after_delete",
];

/// The name of the hook in a line of the journal.
fn hook(line: &str) -> &'static str {
    let name = line.split('(').next().unwrap();
    HOOKS.into_iter().find(|hook| *hook == name).unwrap_or_else(|| panic!("{name} is not a hook"))
}

fn decides(hook: &str) -> bool {
    !hook.starts_with("on_after_")
}

#[test]
fn the_table_has_every_hook() {
    let called: BTreeSet<_> = cases().iter().flat_map(|case| case.hooks.iter().map(|line| hook(line))).collect();
    assert_eq!(called, BTreeSet::from(HOOKS));
}

#[test]
fn the_table_has_every_operation() {
    // The worker of the outbox calls the hooks itself; the suite `outbox` shows how. Purging calls none.
    const WORKER: [&str; 8] = [
        "start_purging",
        "deliver",
        "start_delivery",
        "deliver_due",
        "list_undelivered",
        "retry_undelivered",
        "delete_undelivered",
        "purge_undelivered",
    ];
    let reserved = include_str!("../usermgr-derive/src/operations.rs");
    let operations = reserved.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    let operations: BTreeSet<_> = operations.filter(|name| !WORKER.contains(name)).collect();
    let cases = cases();
    // A name begins with the id of its requirement, where it has one.
    let tried = cases.iter().flat_map(|case| case.name.split(',').next().unwrap().split(' '));
    let tried: BTreeSet<_> = tried.filter(|word| operations.contains(word)).collect();
    assert!(operations.len() > 25, "{operations:?}");
    assert_eq!(tried, operations);
}

#[tokio::test(start_paused = true)]
async fn x4_each_operation_calls_its_hooks_in_order_and_raises_its_events() {
    for Case { name, run, outcome, hooks, events, writes } in cases() {
        let world = World::new().await;
        let before = world.dump().await;
        assert_eq!(run(&world).await, outcome, "{name}");
        assert_eq!(world.calls(), hooks, "{name}");
        assert_eq!(world.events(), events, "{name}");
        assert_eq!(world.dump().await != before, writes, "{name}: what is written");
    }
}

#[tokio::test(start_paused = true)]
async fn x5_a_deciding_hook_that_says_no_panics_or_hangs_stops_the_operation_before_it_writes() {
    for case in cases() {
        for (at, line) in case.hooks.iter().enumerate() {
            let hook = hook(line);
            if !decides(hook) {
                continue;
            }
            for behaviour in [Behaviour::Fail, Behaviour::Panic, Behaviour::Hang] {
                let what = format!("{}, {hook} {behaviour:?}", case.name);
                let (world, outcome, hung) = misbehave(&case, hook, behaviour).await;
                let refusal = if hook == "validate_password" { "the password is refused: NO" } else { "rejected: NO" };
                let (expected, event) = match behaviour {
                    Behaviour::Panic => (format!("the hook `{hook}` panicked"), format!("HookFailed: {hook} panicked")),
                    Behaviour::Hang => {
                        (format!("the hook `{hook}` took too long"), format!("HookFailed: {hook} took too long"))
                    }
                    _ if hook == "on_before_login" => (refusal.to_owned(), "LoginFailed: rejected".to_owned()),
                    _ => (refusal.to_owned(), format!("Refused: {hook}: NO")),
                };
                assert_eq!(outcome, expected, "{what}");
                assert_eq!(hung, behaviour == Behaviour::Hang, "{what}");

                // A login that a hook refuses is a failed login, and only then is another hook called.
                let failed_login = hook == "on_before_login" && behaviour == Behaviour::Fail;
                let lines = world.calls();
                assert_eq!(lines[..=at], case.hooks[..=at], "{what}");
                assert_eq!(lines.len() - 1 - at, usize::from(failed_login), "{what}: {lines:?}");
                assert!(!failed_login || lines[at + 1].contains("known Rejected"), "{what}: {lines:?}");

                // What an earlier step did, a new hash of a proved password, stays.
                let earlier = case.hooks[..at].iter().filter(|line| line.starts_with("on_after_")).count();
                let events = world.events();
                // Only the person receives the reason of a policy.
                let raised = usize::from(hook != "validate_password" || behaviour != Behaviour::Fail);
                assert_eq!(events.len(), earlier + raised, "{what}: {events:?}");
                assert!(raised == 0 || events[earlier] == event, "{what}: {events:?}");
                assert_eq!(world.dump().await != world.at_first, earlier > 0, "{what}: what is written");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn x5_an_after_hook_that_fails_panics_or_hangs_changes_neither_the_outcome_nor_the_row() {
    for case in cases() {
        for line in &case.hooks {
            let hook = hook(line);
            if decides(hook) {
                continue;
            }
            for (behaviour, how) in
                [(Behaviour::Fail, ": broken"), (Behaviour::Panic, " panicked"), (Behaviour::Hang, " took too long")]
            {
                let what = format!("{}, {hook} {behaviour:?}", case.name);
                let (world, outcome, hung) = misbehave(&case, hook, behaviour).await;
                assert_eq!(outcome, case.outcome, "{what}");
                assert_eq!(hung, behaviour == Behaviour::Hang, "{what}");
                assert_eq!(world.calls(), case.hooks, "{what}: the hooks behind it are called all the same");
                let mut events = world.events();
                let failure = format!("HookFailed: {hook}{how}");
                let before = events.len();
                events.retain(|event| *event != failure);
                assert_eq!(before - events.len(), calls(&case, hook) as usize, "{what}: {events:?}");
                assert_eq!(events, case.events, "{what}");
                assert_eq!(world.dump().await != world.at_first, case.writes, "{what}: what is written");
            }
        }
    }
}

/// How often a case calls a hook.
fn calls(case: &Case, name: &str) -> u32 {
    case.hooks.iter().map(|line| u32::from(hook(line) == name)).sum()
}

/// Runs a case with one hook that does not pass: the world after it, the outcome, and whether it took the hook's time-out.
async fn misbehave(case: &Case, hook: &'static str, behaviour: Behaviour) -> (World, String, bool) {
    let world = World::new().await;
    world.journal.set(hook, behaviour);
    let begun = tokio::time::Instant::now();
    let outcome = (case.run)(&world).await;
    // The runtime's clock stands still but for the time-out of each call, which it tells in milliseconds.
    let hung = begun.elapsed() >= HOOK_TIMEOUT;
    assert!(begun.elapsed() < (HOOK_TIMEOUT + Duration::from_millis(10)) * calls(case, hook));
    (world, outcome, hung)
}

#[tokio::test(start_paused = true)]
async fn a_login_for_which_the_address_must_be_verified_asks_no_gate() {
    let world = World::of_verified().await;
    let refused = world.accounts.login(Credentials::new(ADA, GOOD), "bearer", &Context::default()).await;
    assert!(matches!(refused, Err(LoginError::NotVerified)));
    assert_eq!(world.journal.lines(), ["on_after_failed_login(ada@example.com known NotVerified) [v0]"]);
    assert_eq!(world.events(), ["LoginFailed: not verified"]);
    let wrong = world.accounts.login(Credentials::new(ADA, "wrong"), "bearer", &Context::default()).await;
    assert!(matches!(wrong, Err(LoginError::BadCredentials)), "e1");
    assert!(world.accounts.login(Credentials::new(VERA, GOOD), "bearer", &Context::default()).await.is_ok());
}
