//! The storm over sockets, against the real server with hashes of the default cost.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    num::NonZero,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use usermgr_tests::{Folder, PASSWORD, Server, command};

const LOGINS: usize = 200;
/// The maximum number of processors for the server, since its queue grows with them, and 200 logins must fill it.
const PROCESSORS: usize = 2;
const ARGON2: [&str; 2] = ["--argon2", "19456,2,1"];

/// A server that sees at most two of the processors that this process may use, and the number of its hashing threads.
fn start(folder: Arc<Folder>) -> (Server, usize) {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let mut serve = command(&folder);
    if processors > PROCESSORS {
        let plain = serve;
        serve = Command::new("taskset");
        serve.args(["-c", &allowed(PROCESSORS)]).arg(plain.get_program()).current_dir(folder.path());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => serve.env(name, value),
                None => serve.env_remove(name),
            };
        }
    }
    serve.args(ARGON2);
    (Server::spawn(folder, serve), processors.min(PROCESSORS))
}

/// The first processors of those that this process may use.
fn allowed(count: usize) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    let ranges = list.trim().split(',').flat_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<usize>().unwrap()..=last.parse().unwrap()
    });
    ranges.take(count).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

/// The most memory that a process has ever held, in KiB.
fn peak(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Reads its own account repeatedly over one connection until it is stopped, and returns how long each response took.
fn poll(address: &str, token: &str, stop: &AtomicBool) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!("GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        // The body is one JSON object, and it ends the answer.
        while !answer.ends_with(b"}") {
            let count = stream.read(&mut piece).unwrap();
            assert_ne!(count, 0, "the server keeps the connection");
            answer.extend_from_slice(&piece[..count]);
        }
        took.push(begun.elapsed());
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
        thread::sleep(Duration::from_millis(1));
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p12_of_200_logins_at_once_the_queue_is_hashed_the_rest_refused_and_reading_goes_on() {
    // Another process makes the account, so that the one under test begins without a hash.
    let before = Server::start(&ARGON2);
    let client = before.client();
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let token = client.login("ada@example.com", PASSWORD).await.token();
    let (server, threads) = start(tokio::task::spawn_blocking(|| before.stop()).await.unwrap());
    let reader = server.client().with_token(&token);
    for _ in 0..20 {
        reader.get("/users/me").await.expect(200);
    }
    let base = peak(&server);

    let stop = Arc::new(AtomicBool::new(false));
    let polling = {
        let (address, stop) = (server.address().to_owned(), stop.clone());
        thread::spawn(move || poll(&address, &token, &stop))
    };
    let client = server.client();
    let begun = Instant::now();
    let logins: Vec<_> = (0..LOGINS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.login("ada@example.com", PASSWORD).await })
        })
        .collect();
    let (mut hashed, mut refused) = (0_usize, 0_usize);
    for login in logins {
        let reply = login.await.unwrap();
        match reply.status {
            200 => {
                reply.token();
                hashed += 1;
            }
            _ => {
                let reply = reply.expect_json(503, json!({ "detail": "Service Unavailable" }));
                let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
                assert!((1..60).contains(&seconds), "{seconds}");
                refused += 1;
            }
        }
    }
    let storm = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut took = polling.join().unwrap();
    took.sort_unstable();
    let (median, slowest) = (took[took.len() / 2], took[took.len() - 1]);
    let peak = peak(&server);
    // What a hash took in this storm, beside everything else that the machine did.
    let hash = storm * u32::try_from(threads).unwrap() / u32::try_from(hashed).unwrap();
    println!(
        "{hashed} hashed and {refused} refused in {storm:?} on {threads} threads, {hash:?} each; {} reads meanwhile: \
         median {median:?}, slowest {slowest:?}; memory {base} KiB before, {peak} KiB at most",
        took.len()
    );

    let room = threads + 64.max(32 * threads);
    assert!(hashed >= room.min(LOGINS), "{hashed} of the {room} that there is room for");
    assert!(refused > 0, "200 logins do not fill the queue");
    let bound = base + (threads as u64) * 19 * 1024 + 16 * 1024;
    assert!(peak <= bound, "{peak} KiB, at most {bound} are allowed");
    // A read that had waited in the queue would have taken the time of many hashes. That none waits for any hash at all is
    // proved without a clock in the other test.
    assert!(median < hash, "the median read took {median:?}, a hash {hash:?}");
    assert!(slowest < storm / 4, "the slowest read took {slowest:?} of {storm:?}");
    client.login("ada@example.com", PASSWORD).await.expect(200);
    server.stop();
}
