//! What leaves for a range, what is read of its text, and how each source fails.

use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use proptest::prelude::*;

use super::*;

/// Its digest is 5BAA6 and [`REST`].
const PASSWORD: &str = "password";
const REST: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";

#[test]
fn p6_digests_are_those_of_the_standard() {
    for (text, expected) in [
        ("", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
        ("abc", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
        (PASSWORD, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"),
    ] {
        assert_eq!(digits(text).as_str(), expected);
    }
}

#[cfg(all(feature = "aws-lc", feature = "rust-crypto"))]
#[test]
fn p6_both_libraries_make_the_same_digest() {
    for length in [0, 1, 55, 56, 63, 64, 65, 1024] {
        let text = vec![b'a'; length];
        assert_eq!(*sha1::aws_lc::digest(&text), *sha1::rust_crypto::digest(&text), "{length}");
    }
}

#[test]
fn p6_which_range_has_a_digest() {
    use Unchecked::{TooLong, Unreadable};
    let long = format!("{OTHER}:1\n").repeat(30_000);
    for (text, expected) in [
        (format!("{OTHER}:3\r\n{REST}:52256179"), Ok(true)),
        (format!("{OTHER}:3\n{REST}:1\n"), Ok(true)),
        (format!("{OTHER}:3\r\n{REST}:1\r\n"), Ok(true)),
        (format!("{}:1", REST.to_lowercase()), Ok(true)),
        (format!("{OTHER}:3\r\n"), Ok(false)),
        // Padding.
        (format!("{OTHER}:3\r\n{REST}:0\r\n"), Ok(false)),
        (format!("{REST}:000\r\n{OTHER}:0"), Ok(false)),
        (format!("{REST}:0\r\n{REST}:7"), Ok(true)),
        // A digest that is listed is listed, whatever stands beside it.
        (format!("{REST}:2\r\n{OTHER}:3\r\n0018A4"), Ok(true)),
        (format!("<html>\n{REST}:2"), Ok(true)),
        (format!("{OTHER}:3\r\n0018A4"), Err(Unreadable)),
        (String::new(), Err(Unreadable)),
        ("\r\n".into(), Err(Unreadable)),
        (format!("{OTHER}:3\n\n{OTHER}:3"), Err(Unreadable)),
        ("<html><body>Sign in to the network</body></html>".into(), Err(Unreadable)),
        (REST.into(), Err(Unreadable)),
        (format!("{REST}:"), Err(Unreadable)),
        (format!("{REST}:-1"), Err(Unreadable)),
        (format!("{REST}:1 "), Err(Unreadable)),
        (format!(" {REST}:1"), Err(Unreadable)),
        (format!("\u{feff}{REST}:1"), Err(Unreadable)),
        (format!("{REST}:\u{661}"), Err(Unreadable)),
        (format!("{REST}:1234567890123"), Err(Unreadable)),
        (format!("{}G:1", &REST[..34]), Err(Unreadable)),
        (format!("5BAA6{REST}:1"), Err(Unreadable)),
        // A range of NTLM digests.
        (format!("{}:1", &OTHER[..27]), Err(Unreadable)),
        (format!("{long}{REST}:1"), Err(TooLong)),
    ] {
        let shown: String = text.chars().take(80).collect();
        assert_eq!(range::contains(text.as_bytes(), REST), expected, "{shown}");
    }
    let most = &long.as_bytes()[..range::MOST as usize];
    assert_eq!(range::contains(most, REST), Err(Unreadable), "it is read, and its last line is cut");
}

proptest! {
    #[test]
    fn p6_no_text_makes_the_reader_panic(text in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = range::contains(&text, REST);
    }

    #[test]
    fn p6_a_listed_digest_is_found_among_any_lines(
        before in "(([0-9A-Fa-f]{34,36}:[0-9\u{e9}]{0,3})?\r?\n){0,4}",
        count in 1u64..1_000_000_000,
        after in "(\r?\n[0-9A-Fa-f]{34,36}:[0-9]{1,3}){0,4}",
    ) {
        prop_assert_eq!(range::contains(format!("{before}{REST}:{count}{after}").as_bytes(), REST), Ok(true));
        prop_assert_ne!(range::contains(format!("{before}{REST}:0{after}").as_bytes(), REST), Ok(true));
    }
}

#[tokio::test]
async fn p6_five_digits_leave_and_nothing_else() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let keep = asked.clone();
    let breaches = Breaches::online(move |range| {
        keep.lock().unwrap().push(range);
        async { Ok::<_, io::Error>(format!("{REST}:3")) }
    });
    assert_eq!(breaches.contain(PASSWORD).await, Ok(true));
    assert_eq!(breaches.contain("correct horse battery").await, Ok(false));
    assert_eq!(*asked.lock().unwrap(), ["5BAA6", &digits("correct horse battery")[..5]]);
}

#[tokio::test]
async fn p6_no_error_repeats_the_digits() {
    let breaches = Breaches::online(|range| async move {
        let lower = range.to_ascii_lowercase();
        Err::<String, _>(format!("no answer of https://example.com/range/{range} or of {lower}"))
    });
    let expected = "no answer of https://example.com/range/***** or of *****";
    assert_eq!(breaches.contain(PASSWORD).await, Err(Unchecked::Source(expected.into())));
}

/// A folder of ranges that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("usermgr-ranges-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, range: &str, text: &str) {
        fs::write(self.0.join(format!("{range}.txt")), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn p6_a_folder_has_a_file_for_each_range() {
    let folder = Folder::new("files");
    let breaches = Breaches::folder(&folder.0);
    assert!(breaches.check().is_ok());
    let Err(Unchecked::Source(missing)) = breaches.contain(PASSWORD).await else { panic!("the file is missing") };
    assert!(!missing.contains("5BAA6") && !missing.contains("ranges"), "{missing}");
    for (text, expected) in [
        (format!("{OTHER}:2\r\n{REST}:52256179\r\n"), Ok(true)),
        // A new download replaces a file.
        (format!("{OTHER}:2\r\n"), Ok(false)),
        (String::new(), Err(Unchecked::Unreadable)),
        (format!("{OTHER}:1\n").repeat(60_000), Err(Unchecked::TooLong)),
    ] {
        folder.write("5BAA6", &text);
        assert_eq!(breaches.contain(PASSWORD).await, expected);
    }
    let file = Breaches::folder(folder.0.join("5BAA6.txt"));
    assert!(file.check().unwrap_err().to_string().contains("is not a folder"));
}

/// A pipe without a writer is a disk that does not answer. On a runtime of one thread nothing else would go on if it were
/// read there.
#[cfg(unix)]
#[tokio::test]
async fn p6_a_disk_that_hangs_holds_up_nothing_else_and_keeps_its_slot() {
    let folder = Folder::new("pipe");
    let pipe = folder.0.join("5BAA6.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let breaches = Breaches { slots: Arc::new(Semaphore::new(1)), ..Breaches::folder(&folder.0) };
    let wait = Duration::from_millis(50);
    assert!(tokio::time::timeout(wait, breaches.contain(PASSWORD)).await.is_err());
    assert_eq!(breaches.slots.available_permits(), 0, "the file is still being read");
    assert!(tokio::time::timeout(wait, breaches.contain("another")).await.is_err(), "it waits for a slot");
    fs::write(&pipe, "").unwrap();
    drop(breaches.slots.acquire().await.unwrap());
}

#[tokio::test]
async fn p6_a_flood_asks_for_no_more_than_32_ranges_at_once() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (running.clone(), most.clone());
    let breaches = Arc::new(Breaches::online(move |_| {
        let now = now.clone();
        peak.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        async move {
            tokio::task::yield_now().await;
            now.fetch_sub(1, SeqCst);
            Ok::<_, io::Error>(format!("{OTHER}:1"))
        }
    }));
    let mut checks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let breaches = breaches.clone();
        checks.spawn(async move { breaches.contain(PASSWORD).await });
    }
    assert!(checks.join_all().await.into_iter().all(|found| found == Ok(false)));
    assert_eq!((running.load(SeqCst), most.load(SeqCst)), (0, 32));
}
