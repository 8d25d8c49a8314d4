//! The reference server while something outside is silent: requests that need it are answered with 503 in time, others go on, and the process
//! ends by its own deadline.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use usermgr_tests::{Client, Folder, Framework, PASSWORD, Proxy, Server, Target, command, redis};

/// What the servers get as `--statement-timeout` and `--shutdown-timeout`, in seconds.
const FLAGS: [&str; 4] = ["--statement-timeout", "1", "--shutdown-timeout", "2"];
const STATEMENT: Duration = Duration::from_secs(1);
const SHUTDOWN: Duration = Duration::from_secs(2);
/// Redis has this limit by itself.
const REDIS: Duration = Duration::from_secs(5);
/// What a busy machine adds.
const SLACK: Duration = Duration::from_secs(2);

/// A server on a target whose database or Redis is behind a proxy.
fn start(target: Target) -> Option<(Server, Proxy)> {
    let folder = Arc::new(Folder::on(target)?);
    let mut serve = command(&folder);
    let proxy = match target.redis {
        true => {
            let (proxy, url) = Proxy::before(&redis("a silent Redis")?);
            serve.env("USERMGR_REDIS_URL", url);
            proxy
        }
        false => {
            let (proxy, url) = Proxy::before(&folder.database_url());
            // Each statement is then sent as text each time.
            serve.env("USERMGR_DATABASE_URL", format!("{url}?statement-cache-capacity=0"));
            proxy
        }
    };
    serve.args(FLAGS);
    Some((Server::spawn(folder, serve), proxy))
}

/// Answers in time, and with this status.
async fn answers(client: &Client, path: &str, status: u16, most: Duration) {
    let begun = Instant::now();
    client.get(path).await.expect(status);
    assert!(begun.elapsed() < most, "{path}: {:?}", begun.elapsed());
}

async fn login(client: &Client, status: u16, most: Duration) {
    let begun = Instant::now();
    let reply = client.login("ada@example.com", PASSWORD).await.expect(status);
    assert_eq!(reply.header("retry-after").is_some(), status == 503);
    assert!(begun.elapsed() < most, "{:?}", begun.elapsed());
}

/// Stops the server, and demands that it ends by its deadline.
fn stop(server: Server) {
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < SHUTDOWN + SLACK, "{:?}", begun.elapsed());
}

async fn over_a_silent_database(target: Target) {
    let Some((server, proxy)) = start(target) else { return };
    let client = server.client();
    let ada = client.joined("ada@example.com").await;
    answers(&client, "/readyz", 200, SLACK).await;

    // One kind of statement is silent: the others go on, and more logins fail than there are connections.
    proxy.silence_on_text("INSERT INTO usermgr_sessions");
    for round in 0..3 {
        let logins = (0..4).map(|_| login(&client, 503, 2 * STATEMENT + SLACK));
        let others = async {
            answers(&ada, "/users/me", 200, SLACK).await;
            client.register(&format!("user{round}@example.com"), PASSWORD).await.expect(201);
        };
        tokio::join!(together(logins), others);
    }
    assert!(proxy.silenced() >= 12, "{}", proxy.silenced());
    proxy.pass();
    login(&client, 200, SLACK).await;

    // Everything is silent.
    proxy.silence_all();
    let begun = Instant::now();
    tokio::join!(
        login(&client, 503, 6 * STATEMENT + SLACK),
        answers(&ada, "/users/me", 503, 6 * STATEMENT + SLACK),
        answers(&client, "/readyz", 503, STATEMENT + 2 * SLACK),
        answers(&client, "/healthz", 200, SLACK),
    );
    assert!(begun.elapsed() > STATEMENT / 2, "nothing was silent");
    // Requests hang while it stops.
    let hanging = TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
    let mut writer = hanging.try_clone().unwrap();
    writer.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    tokio::time::sleep(STATEMENT / 4).await;
    stop(server);
    drop(hanging);
}

async fn together(all: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|task| {
        all.retain_mut(|one| one.as_mut().poll(task).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[tokio::test]
async fn x26_x28_x29_a_server_over_a_silent_postgres_answers_503_and_stops_in_time() {
    over_a_silent_database(Target::POSTGRES).await;
}

#[tokio::test]
async fn x26_x28_x29_a_server_over_a_silent_mariadb_answers_503_and_stops_in_time() {
    over_a_silent_database(Target { framework: Framework::Actix, ..Target::MARIADB }).await;
}

#[tokio::test]
async fn x26_x28_x29_a_server_with_a_silent_redis_answers_503_and_stops_in_time() {
    let Some((server, proxy)) = start(Target::REDIS) else { return };
    let client = server.client();
    client.joined("ada@example.com").await;
    answers(&client, "/readyz", 200, SLACK).await;
    proxy.silence_all();
    tokio::join!(
        login(&client, 503, REDIS + SLACK),
        answers(&client, "/readyz", 503, 2 * SLACK),
        answers(&client, "/healthz", 200, SLACK),
        async { drop(client.register("bob@example.com", PASSWORD).await.expect(201)) },
    );
    stop(server);
}

/// A client that sends its body slowly keeps no server from stopping, and a request that takes its time is answered.
#[tokio::test]
async fn x28_a_body_that_drips_does_not_keep_a_server_from_stopping() {
    for target in [Target::SQLITE, Target::ACTIX] {
        let server = Server::start_in(Arc::new(Folder::on(target).unwrap()), &FLAGS);
        let address = server.address().trim_start_matches("http://").to_owned();
        let mut drips = TcpStream::connect(&address).unwrap();
        let head = "POST /auth/jwt/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";
        drips.write_all(head.as_bytes()).unwrap();
        let mut dripping = drips.try_clone().unwrap();
        let stream = std::thread::spawn(move || {
            while dripping.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        std::thread::sleep(Duration::from_millis(300));
        stop(server);
        stream.join().unwrap();
        assert_eq!(drips.read(&mut [0; 1]).unwrap_or(0), 0, "it was cut off without an answer");
    }
}

/// What a load balancer hears that asks while the server still answers what it has begun to read.
#[tokio::test]
async fn x29_a_server_that_stops_says_that_it_is_not_ready() {
    for target in [Target::SQLITE, Target::ACTIX] {
        let server = Server::start_in(Arc::new(Folder::on(target).unwrap()), &FLAGS);
        let address = server.address().trim_start_matches("http://").to_owned();
        let mut asks = TcpStream::connect(&address).unwrap();
        asks.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n").unwrap();
        tokio::time::sleep(STATEMENT / 4).await;
        let stopping = tokio::task::spawn_blocking(move || stop(server));
        tokio::time::sleep(STATEMENT / 4).await;
        let mut answer = String::new();
        let read = asks.write_all(b"\r\n").and_then(|()| asks.read_to_string(&mut answer));
        // actix-web closes a connection that has sent no whole head.
        if target != Target::ACTIX || read.is_ok_and(|length| length > 0) {
            assert!(answer.starts_with("HTTP/1.1 503"), "{target:?}: {answer}");
            assert!(answer.contains("\"stopping\":true"), "{target:?}: {answer}");
        }
        stopping.await.unwrap();
    }
}
