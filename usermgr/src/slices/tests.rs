//! The registry against the guide: every notification has its row there, and no other has.

use crate::{manager::UserManager, prelude::*};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// The name of each notification, its hook, and whether the provided hook mails, by name.
fn registered<M: UserManager>(_: &M) -> Vec<(String, String, bool)> {
    let of_the_library = super::notifications::<M>().into_iter().filter(|row| !row.name.starts_with("sample_"));
    let mut rows: Vec<_> =
        of_the_library.map(|row| (row.name.to_owned(), row.hook.to_owned(), row.is_mailed)).collect();
    rows.sort();
    rows
}

#[test]
fn the_guide_lists_every_notification_with_its_hook_and_whether_it_is_mailed() {
    let guide = include_str!("../../docs/delivery.md");
    let table = guide.lines().skip_while(|line| !line.starts_with("| Notification | Hook |")).skip(2);
    let mut printed: Vec<_> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
            let is_mailed = match cells[3] {
                "yes" => true,
                "no" => false,
                other => panic!("{other} in the row of {}", cells[1]),
            };
            (cells[1].to_owned(), cells[2].to_owned(), is_mailed)
        })
        .collect();
    printed.sort();
    let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
    assert_eq!(printed, registered(&accounts));
}
