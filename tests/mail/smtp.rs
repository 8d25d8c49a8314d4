//! The SMTP client against servers that accept, refuse, delay, stay mute, break off and lie.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use usermgr::mail::{MailError, Mailer as _, Smtp};

use crate::post::{Post, client, mail};

/// What an error says of further attempts.
fn outlook(error: &MailError) -> &'static str {
    match (error.is_permanent(), error.is_misconfigured()) {
        (true, _) => "permanent",
        (_, true) => "misconfigured",
        _ => "again",
    }
}

#[tokio::test]
async fn nm3_each_kind_of_server_has_its_outcome_within_its_time() {
    let Some(post) = Post::start() else { return };
    let limit = Duration::from_secs(2);
    let good = |url: &str| client(url).authority(&post.authority("good")).unwrap();
    let rows: Vec<(&str, Smtp, &str, &str)> = vec![
        ("accepting", post.smtp("plain"), "ada@example.com", "sent"),
        ("refusing", post.smtp("plain"), "refused@example.com", "permanent"),
        ("full", post.smtp("plain"), "full@example.com", "again"),
        ("greylisting", post.smtp("plain"), "grey@example.com", "again"),
        ("greylisting, the second time", post.smtp("plain"), "grey@example.com", "sent"),
        ("dropping after the dot", post.smtp("plain"), "drop@example.com", "again"),
        ("slow", post.smtp("plain"), "slow@example.com", "again"),
        ("mute", post.smtp("mute"), "ada@example.com", "again"),
        ("not there", post.smtp("absent"), "ada@example.com", "again"),
        ("without service", post.smtp("closed"), "ada@example.com", "misconfigured"),
        ("STARTTLS", good(&post.url_with("smtp://", "starttls")), "ada@example.com", "sent"),
        ("TLS", good(&post.url_with("smtps://", "smtps")), "ada@example.com", "sent"),
        ("unknown authority", client(&post.url_with("smtp://", "starttls")), "ada@example.com", "misconfigured"),
        ("unknown authority, TLS", client(&post.url_with("smtps://", "smtps")), "ada@example.com", "misconfigured"),
        (
            "certificate of another host",
            client(&post.url_with("smtp://", "misnamed")).authority(&post.authority("other")).unwrap(),
            "ada@example.com",
            "misconfigured",
        ),
        ("no STARTTLS", client(&post.url_with("smtp://", "plain")), "ada@example.com", "misconfigured"),
        ("SMTPUTF8", post.smtp("plain"), "josé@example.com", "sent"),
        ("no SMTPUTF8", post.smtp("ascii"), "josé@example.com", "permanent"),
        ("a domain in ASCII needs no SMTPUTF8", post.smtp("ascii"), "ada@bücher.example", "sent"),
        (
            "login",
            client(&(post.url_with("smtp://us%40er:pass%2Fword@", "login") + "?tls=none")),
            "ada@example.com",
            "sent",
        ),
        (
            "wrong password",
            client(&(post.url_with("smtp://us%40er:x@", "login") + "?tls=none")),
            "ada@example.com",
            "misconfigured",
        ),
        ("login forgotten", post.smtp("login"), "ada@example.com", "misconfigured"),
    ];
    for (name, smtp, to, expected) in rows {
        let begun = Instant::now();
        let outcome = smtp.timeout(limit).submit(&mail(to)).await;
        let seen = outcome.as_ref().map_or_else(outlook, |_| "sent");
        assert_eq!(seen, expected, "{name}: {outcome:?}");
        assert!(begun.elapsed() < limit + Duration::from_secs(1), "{name}: {:?}", begun.elapsed());
        if let Err(error) = outcome {
            assert!(!format!("{error} {error:?}").contains("pass/word"), "{name}");
        }
    }
    assert!(post.wait("josé@example.com", 1).iter().all(|mail| mail.server == "plain"));
    assert_eq!(post.wait("ada@xn--bcher-kva.example", 1)[0].server, "ascii");
    assert!(
        post.to("ada@example.com")
            .iter()
            .filter(|mail| ["starttls", "smtps"].contains(&mail.server.as_str()))
            .all(|mail| mail.tls)
    );
}

#[tokio::test]
async fn nm1_one_mail_has_one_recipient_and_ends_where_it_ends() {
    let Some(post) = Post::start() else { return };
    let smtp = post.smtp("plain");
    for to in ["o'hara+x@example.com", "a!#$%&'*/=?^_`{|}~@example.com"] {
        let answer = smtp.submit(&mail(to).id("018f")).await.unwrap();
        assert_eq!(answer, format!("250 OK for {to}"));
        let taken = post.wait(to, 1).remove(0);
        assert_eq!((taken.to.as_slice(), taken.from.as_str()), (&[to.to_owned()][..], "accounts@shop.example"));
        assert_eq!(taken.header("Message-ID"), "<018f@shop.example>");
        assert_eq!(taken.header("Auto-Submitted"), "auto-generated");
        assert!(taken.data().contains("\r\nQUIT\r\n"), "{}", taken.data());
    }
}

#[tokio::test]
async fn connections_are_used_again_and_never_more_than_allowed() {
    let Some(post) = Post::start() else { return };
    let smtp = post.smtp("plain").connections(3);
    let all = (0..24).map(|number| {
        let smtp = smtp.clone();
        tokio::spawn(async move { smtp.send(mail(&format!("many{number}@example.com"))).await.unwrap() })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let peers: HashSet<u16> =
        (0..24).map(|number| post.wait(&format!("many{number}@example.com"), 1)[0].peer).collect();
    assert!(peers.len() <= 3, "{peers:?}");

    // One that the server has closed meanwhile is replaced unseen.
    let smtp = post.smtp("impatient");
    smtp.send(mail("first@example.com")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    smtp.send(mail("second@example.com")).await.unwrap();
    assert_ne!(post.wait("first@example.com", 1)[0].peer, post.wait("second@example.com", 1)[0].peer);

    // So is one whose server has vanished without a word.
    let (smtp, begun) = (post.smtp("vanishing"), Instant::now());
    smtp.send(mail("third@example.com")).await.unwrap();
    smtp.send(mail("fourth@example.com")).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_ne!(post.wait("third@example.com", 1)[0].peer, post.wait("fourth@example.com", 1)[0].peer);
}

/// A reply that comes after its mail was given up would be read as that of the next mail, if the connection were used again.
#[tokio::test]
async fn a_mail_that_was_given_up_halfway_does_not_answer_for_the_next_one() {
    let Some(post) = Post::start() else { return };
    let smtp = post.smtp("plain").timeout(Duration::from_millis(500)).connections(1);
    smtp.send(mail("before@example.com")).await.unwrap();
    assert_eq!(outlook(&smtp.send(mail("late1@example.com")).await.unwrap_err()), "again");
    // The caller may also stop waiting by itself, as the time limit of a hook does.
    let patient = smtp.clone().timeout(Duration::from_secs(10));
    let halfway = tokio::time::timeout(Duration::from_millis(500), patient.send(mail("late2@example.com"))).await;
    assert!(halfway.is_err());
    for round in 0..3 {
        assert_eq!(outlook(&patient.send(mail("refused@example.com")).await.unwrap_err()), "permanent", "{round}");
        let to = format!("after{round}@example.com");
        assert_eq!(patient.submit(&mail(&to)).await.unwrap(), format!("250 OK for {to}"));
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    assert!(post.to("refused@example.com").is_empty());
}
