//! From a request to a mail on a mail server: a manager without hooks, with and without an outbox.

use std::{sync::Arc, time::Duration};

use usermgr::{
    Admin,
    audit::EventKind,
    engine::Deadline,
    mail::{Brand, Mails, Smtp},
    prelude::*,
    store::ListQuery,
    testing::{FakeClock, Probe},
};

use crate::post::{Post, client};

struct Shop {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {}

fn shop(smtp: Smtp, clock: &FakeClock, probe: &Probe) -> Arc<Shop> {
    let mails = Mails::new("https://shop.example", smtp).brand(Brand::new("Shop"));
    let engine = Engine::builder(MemoryStore::new()).clock(clock.clone()).audit(probe.clone()).outbox().with(mails);
    Arc::new(Shop { engine: engine.build().unwrap() })
}

async fn register(shop: &Shop, email: &str, cx: &Context) {
    shop.register(Register::new(email, "correct horse battery"), cx).await.unwrap();
}

#[tokio::test]
async fn nm7_a_manager_without_hooks_mails_in_the_language_of_the_request_through_the_outbox() {
    let Some(post) = Post::start() else { return };
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let shop = shop(post.smtp("plain"), &clock, &probe);
    register(&shop, "ada@example.com", &Context::default().languages("de-CH, en;q=0.1")).await;
    // Once for the registration, and once for the verification that it asks for.
    assert_eq!(shop.deliver_due().await.unwrap(), 2);
    let mail = post.wait("ada@example.com", 1).remove(0);
    assert_eq!(mail.header("Content-Language"), "de");
    assert!(mail.text().contains("https://shop.example/account/verify?token=eyJ"), "{}", mail.text());

    // A later notice of what another person has done has the default language.
    let ada = shop.get_by_email(&EmailAddress::parse("ada@example.com").unwrap()).await.unwrap().unwrap();
    let update = usermgr::user::AdminUpdate::<NoProfile>::default().password("another correct horse");
    let cx = Context::system("support").languages("fr");
    shop.update_user(&Admin::system("support"), &ada.id, update, &cx).await.unwrap();
    shop.deliver_due().await.unwrap();
    let mails = post.wait("ada@example.com", 2);
    assert_eq!((mails.len(), mails[1].header("Content-Language").as_str()), (2, "en"));
}

/// The process ends between the server's acceptance and the note in the outbox.
#[tokio::test]
async fn nm4_a_mail_that_came_twice_has_one_message_id() {
    let Some(post) = Post::start() else { return };
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let shop = shop(post.smtp("plain"), &clock, &probe);
    register(&shop, "late@example.com", &Context::default()).await;
    let killed = tokio::time::timeout(Duration::from_millis(800), shop.deliver_due()).await;
    assert!(killed.is_err(), "the reply of the server is pending");
    assert_eq!(post.wait("late@example.com", 1).len(), 1);
    clock.advance(Duration::from_secs(200));
    shop.deliver_due().await.unwrap();
    let mails = post.wait("late@example.com", 2);
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    assert_eq!(shop.deliver_due().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nm5_one_slow_recipient_delays_no_other() {
    let Some(post) = Post::start() else { return };
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let shop = shop(post.smtp("plain"), &clock, &probe);
    shop.start_delivery().unwrap();
    register(&shop, "slow@example.com", &Context::default()).await;
    post.wait("slow@example.com", 1);
    let begun = std::time::Instant::now();
    for number in 0..8 {
        register(&shop, &format!("quick{number}@example.com"), &Context::default()).await;
    }
    tokio::task::spawn_blocking(move || {
        for number in 0..8 {
            post.wait(&format!("quick{number}@example.com"), 1);
        }
    })
    .await
    .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    shop.shutdown(Deadline::after(Duration::ZERO)).await;
}

#[tokio::test]
async fn nm6_nm8_what_is_permanent_is_given_up_at_once_and_nothing_tells_a_token() {
    let Some(post) = Post::start() else { return };
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let shop = shop(post.smtp("plain"), &clock, &probe);
    register(&shop, "refused@example.com", &Context::default()).await;
    register(&shop, "full@example.com", &Context::default()).await;
    register(&shop, "grey@example.com", &Context::default()).await;
    shop.deliver_due().await.unwrap();
    let failed = shop.list_undelivered(&Admin::system("test"), ListQuery::default()).await.unwrap();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].error.contains("550 5.1.1") || failed[0].error.contains("no such user"), "{}", failed[0].error);

    // Greylisting is over at the second attempt.
    assert!(post.to("grey@example.com").is_empty());
    clock.advance(Duration::from_secs(11));
    shop.deliver_due().await.unwrap();
    assert_eq!(post.wait("grey@example.com", 1).len(), 1);

    // The full mailbox is tried for some sixteen hours, and then no more.
    for _ in 0..30 {
        clock.advance(Duration::from_secs(3601));
        shop.deliver_due().await.unwrap();
    }
    let failed = shop.list_undelivered(&Admin::system("test"), ListQuery::default()).await.unwrap();
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!(probe.count(EventKind::HookFailed), 1 + 1 + 24);
    assert_eq!(probe.count(EventKind::DeliveryFailed), 2);
    for event in probe.events() {
        assert!(!format!("{event:?}").contains("eyJ"), "{event:?}");
    }
    assert!(failed.iter().all(|row| !row.error.contains("eyJ") && !row.error.contains("full@")), "{failed:?}");
}

#[tokio::test]
async fn a_mail_server_that_is_set_up_wrongly_is_an_event_of_its_own_and_loses_no_mail() {
    let Some(post) = Post::start() else { return };
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let shop = shop(client(&(post.url_with("smtp://us%40er:wrong@", "login") + "?tls=none")), &clock, &probe);
    register(&shop, "ada@example.com", &Context::default()).await;
    shop.deliver_due().await.unwrap();
    assert_eq!((probe.count(EventKind::DeliveryMisconfigured), probe.count(EventKind::HookFailed)), (1, 0));
    assert!(shop.list_undelivered(&Admin::system("test"), ListQuery::default()).await.unwrap().is_empty());
}

/// Without an outbox a mail is sent once, in the background.
#[tokio::test]
async fn a_mail_without_an_outbox_keeps_no_request_waiting() {
    let Some(post) = Post::start() else { return };
    let mails = Mails::new("https://shop.example", post.smtp("plain"));
    let shop = Shop { engine: Engine::new(MemoryStore::new()).with(mails).unwrap() };
    let begun = std::time::Instant::now();
    register(&shop, "late@example.com", &Context::default().languages("fr")).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    shop.engine.settle().await;
    assert_eq!(post.wait("late@example.com", 1)[0].header("Content-Language"), "fr");
}
