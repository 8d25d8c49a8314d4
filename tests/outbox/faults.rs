//! Faults between a change and the row that tells of it: whichever call of the store fails, before or after it has done its work, the
//! two are there together or not at all.

use usermgr::{
    prelude::*,
    store::Lookup,
    testing::{FakeClock, FaultAt, Faults, Faulty},
};

use crate::world::{ADA, Accounts, GOOD, Journal, NEW, Store};

const BOB: &str = "bob@example.com";
const COUNTESS: &str = "countess@example.com";

/// The changes with a notification.
#[derive(Clone, Copy, Debug)]
enum Change {
    Register,
    Verify,
    Reset,
    Password,
    ConfirmEmail,
    PatchEmail,
}

const CHANGES: [Change; 6] =
    [Change::Register, Change::Verify, Change::Reset, Change::Password, Change::ConfirmEmail, Change::PatchEmail];

type Over<S> = Accounts<Faulty<S>>;

impl Change {
    /// Makes the change; whether it is said to be made. Ada has all tokens.
    async fn make<S: Store>(self, accounts: &Over<S>, ada: &User) -> bool {
        let cx = Context::system("test");
        match self {
            Self::Register => accounts.register(Register::new(BOB, GOOD), &cx).await.is_ok(),
            Self::Verify => accounts.verify(&accounts.token(ADA), &cx).await.is_ok(),
            Self::Reset => accounts.reset_password(&accounts.token(ADA), NEW.into(), &cx).await.is_ok(),
            Self::Password => accounts.change_password(ada, GOOD.into(), NEW.into(), &cx).await.is_ok(),
            Self::ConfirmEmail => accounts.confirm_email_change(&accounts.token(COUNTESS), &cx).await.is_ok(),
            Self::PatchEmail => {
                let update = UpdateMe::default().email(COUNTESS);
                accounts.update(ada, update, &cx).await.is_ok()
            }
        }
    }
}

/// The accounts, and how often each was written.
async fn state<S: Store>(store: &S) -> Vec<Option<i64>> {
    let mut versions = Vec::new();
    for email in [ADA, BOB, COUNTESS] {
        let email = EmailAddress::parse(email).unwrap();
        versions.push(store.find(Lookup::Email(&email)).await.unwrap().map(|record| record.version));
    }
    versions
}

async fn together_or_not_at_all<S: Store + Clone>(fresh: impl AsyncFn() -> S) {
    let (mut injected, mut made, mut left) = (0, 0, 0);
    for change in CHANGES {
        for at in [FaultAt::Before, FaultAt::After] {
            for n in 1.. {
                let what = format!("{change:?}, failing {at:?} call {n}");
                let (store, faults) = (fresh().await, Faults::default());
                let (clock, journal) = (FakeClock::start(), Journal::default());
                let accounts = Accounts::over(Faulty::new(store.clone(), faults.clone()), &clock, &journal);
                let (ada, cx) = (accounts.registered(ADA).await, Context::system("test"));
                accounts.request_verify(&ada, &cx).await.unwrap();
                accounts.forgot_password(&ada, &cx).await.unwrap();
                let new = EmailAddress::parse(COUNTESS).unwrap();
                accounts.request_email_change(&ada, &new, &cx).await.unwrap();
                accounts.deliver_due().await.unwrap();
                journal.take();

                let before = state(&store).await;
                faults.fail_call(n, at);
                let said = change.make(&accounts, &ada).await;
                let hit = faults.injected();
                faults.heal();
                let changed = state(&store).await != before;
                accounts.deliver_due().await.unwrap();
                let lines = journal.take();
                assert_eq!(lines.len(), usize::from(changed), "{what}: changed: {changed}, and delivered: {lines:?}");
                assert!(changed || !said, "{what}: said to be made");
                made += usize::from(changed);
                left += usize::from(!changed);
                injected += hit as u64;
                if hit == 0 {
                    assert!(said, "{what}: nothing failed");
                    break;
                }
            }
        }
    }
    // Of each change one without a fault, and those whose very last call failed after its work.
    assert!(made >= 3 * CHANGES.len() && left > 20, "{made} made, {left} not");
    usermgr_tests::figure("faults injected", injected);
    usermgr_tests::figure("anything lost", 0);
}

#[tokio::test]
async fn x6_no_fault_parts_a_change_from_the_row_that_tells_of_it_in_memory() {
    together_or_not_at_all(async || MemoryStore::new()).await;
}

#[tokio::test]
async fn x6_no_fault_parts_a_change_from_the_row_that_tells_of_it_in_sqlite() {
    together_or_not_at_all(async || SqliteStore::in_memory().await.unwrap()).await;
}
