//! A pepper that is introduced and rotated, and a folder of ranges.

use std::{fs, sync::Arc};

use serde_json::json;
use usermgr_tests::{Folder, PASSWORD, Server, run};

use super::ended;

const ONE: &str = "the-first-pepper-0123456789abcdef";
const TWO: &str = "the-second-pepper-0123456789abcdef";

#[tokio::test]
async fn p11_passwords_follow_the_pepper_and_none_is_good_without_it() {
    let folder = Arc::new(Folder::new());
    let in_file = folder.file("first.pepper");
    fs::write(&in_file, format!("{ONE}\n")).unwrap();
    let in_file = format!("@{}", in_file.display());
    let server = Server::start_in(folder.clone(), &[]);
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    server.stop();
    // Each set-up with the status of the right password. The log is that of all servers over the folder.
    let mut unusable = 0;
    for (flags, status) in [
        // It is made known before it is used.
        (&["--previous-pepper", &*in_file][..], 200),
        (&["--pepper", &*in_file][..], 200),
        (&[][..], 400),
        (&["--pepper", TWO][..], 400),
        (&["--pepper", TWO, "--previous-pepper", ONE][..], 200),
        (&["--pepper", ONE][..], 400),
        (&["--previous-pepper", TWO][..], 200),
        (&[][..], 200),
    ] {
        let server = Server::start_in(folder.clone(), flags);
        server.client().login("ada@example.com", PASSWORD).await.expect(status);
        unusable += usize::from(status == 400);
        assert_eq!(server.log().matches("hash_unusable").count(), unusable, "{flags:?}: {}", server.log());
        server.stop();
    }
}

#[test]
fn p11_a_pepper_that_is_too_short_or_missing_is_named_and_not_shown() {
    let folder = Folder::new();
    for (flag, expected) in [
        ("--pepper=canary", "the pepper of `Argon2id`: it is 6 bytes long"),
        ("--previous-pepper=canary", "the pepper of `Argon2id`: it is 6 bytes long"),
        ("--pepper=@/no/such/file", "/no/such/file"),
    ] {
        let said = ended(&run(&folder, &["list-users", flag]), 1);
        assert!(said.contains(expected) && !said.contains("canary"), "{flag}: {said}");
    }
}

#[tokio::test]
async fn p6_what_a_folder_of_ranges_lists_is_refused() {
    let ranges = Folder::new();
    // Its digest is 8E486 and the rest.
    let breached = "a horse that everybody has seen";
    fs::write(ranges.file("8E486.txt"), "94330F7E68E1DE9A584A4C2B2DDFF6D50DC:12\r\n").unwrap();
    let folder = ranges.file("").display().to_string();
    let server = Server::start(&["--breaches", &folder]);
    let refused = server.client().register("ada@example.com", breached).await.expect(400).json();
    assert_eq!(refused["detail"]["reason_code"], json!("breached"));
    assert!(!server.log().contains("breach_check_failed"), "{}", server.log());
    // A range that is missing.
    server.client().register("ada@example.com", PASSWORD).await.expect(201);
    assert!(server.log().contains("breach_check_failed"), "{}", server.log());
    let said = ended(&run(&Folder::new(), &["list-users", "--breaches", "/no/such/folder"]), 1);
    assert!(said.contains("`/no/such/folder` is not a folder"), "{said}");
}
