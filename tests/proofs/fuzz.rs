//! The seeds of the fuzzers (J9, U3, P10, X11), replayed on the stable toolchain through the functions that libFuzzer calls, each with a
//! bounded number of mutations. `tests/fuzz/README.md` has the commands for a long run.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate too")]
mod targets;

use std::{fs, panic, path::Path};

/// How many mutations each seed is given.
const MUTATIONS: usize = 400;

/// Small random numbers, the same in every run: what fails here fails again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// Bytes that mean something to one parser or another.
const TELLING: &[&[u8]] = &[
    b"\0",
    b"\r\n",
    b"\"",
    b"\\",
    b"\\u0000",
    b"%00",
    b"%",
    b"&",
    b"=",
    b";",
    b",",
    b".",
    b"..",
    b"$",
    b"@",
    b" ",
    b"\t",
    b"\xff",
    b"\xc3\x28",
    b"\xe2\x84\xaa",
    b"null",
    b"true",
    b"-1",
    b"9999999999999999999",
    b"1e308",
    b"{",
    b"}",
    b"[",
    b"]",
    b"--x",
    b"Bearer ",
    b"=;=",
];

fn mutated(seeds: &[(String, Vec<u8>)], seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(16)).min(bytes.len());
        match numbers.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = numbers.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => drop(bytes.splice(at..at, TELLING[numbers.below(TELLING.len())].iter().copied())),
            4 => {
                let piece = bytes[at..end].repeat(1 + numbers.below(40));
                drop(bytes.splice(at..end, piece));
            }
            5 => {
                let other = &seeds[numbers.below(seeds.len())].1;
                let from = numbers.below(other.len());
                drop(bytes.splice(at.., other[from..].iter().copied()));
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(seeds.len() > 4, "{target}");
    seeds
}

fn replay(name: &str) {
    let (_, target) = targets::TARGETS.into_iter().find(|(target, _)| *target == name).unwrap();
    let (seeds, mut numbers, mut tried) = (seeds(name), Numbers(0x9e37_79b9_7f4a_7c15), 0);
    for (file, seed) in &seeds {
        for mutation in 0..=MUTATIONS {
            let input = if mutation == 0 { seed.clone() } else { mutated(&seeds, seed, &mut numbers) };
            let judged = panic::catch_unwind(|| target(&input));
            assert!(judged.is_ok(), "{name}, mutation {mutation} of {file}: b\"{}\"", input.escape_ascii());
            tried += 1;
        }
    }
    usermgr_tests::figure("bad inputs tried", tried);
}

macro_rules! replayed {
    ($($test:ident $target:ident;)+) => {
        $(#[test]
        fn $test() {
            replay(stringify!($target));
        })+

        #[test]
        fn every_target_is_replayed_and_is_one_of_cargo_fuzz() {
            let replayed = [$(stringify!($target)),+];
            assert_eq!(targets::TARGETS.map(|(name, _)| name), replayed);
            for name in replayed {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs"));
                assert!(fs::read_to_string(file).unwrap().contains(&format!("usermgr_fuzz::{name}(input)")));
            }
        }
    };
}

replayed! {
    j9_any_authorization_header_is_401 bearer;
    j9_any_cookie_is_401 cookie;
    j4_any_text_or_claims_are_no_token jwt;
    p10_any_stored_hash_is_judged_and_bounded phc;
    u1_u3_any_accepted_address_is_one_plain_address email;
    x11_any_login_body_is_a_clear_4xx form;
    x11_any_json_body_is_judged json;
}
