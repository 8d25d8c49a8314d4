//! The log (X4): everything that a client sends stays within its own line. Texts with line breaks, control characters and forged lines go through
//! every field of an event that can hold one, and each event is one line.

use std::sync::Arc;

use axum::http::Request;
use usermgr::{
    Limits,
    audit::{AuditSink, Event, EventKind, TracingSink},
    http::{Endpoint, Routes},
    prelude::*,
};
use usermgr_tests::Log;

use crate::world::{GOOD, SECRET, cheap};

/// What would end a line, or begin another, somewhere.
const BREAKS: [&str; 9] = ["\r\n", "\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}", "\u{1b}[2K\u{8}"];
const FORGED: &str = "2026-11-25T12:00:00Z  INFO usermgr: at=2026-11-25T12:00:00Z kind=logged_in user=\"root\"";

/// Everything that is logged on this thread meanwhile.
fn logged(act: impl FnOnce()) -> String {
    let log = Log::start();
    act();
    log.text()
}

/// One line for each event, no character that a terminal or another reader takes for more, and the forgery within quotes only.
#[track_caller]
fn assert_whole(text: &str, events: usize) {
    assert_eq!(text.lines().count(), events, "{text}");
    let odd = |c: char| c.is_control() && c != '\n' || ['\u{2028}', '\u{2029}'].contains(&c);
    assert!(!text.contains(odd), "{text:?}");
    for line in text.lines() {
        assert!(line.contains(" usermgr: at=") && !line.starts_with(FORGED), "{line}");
    }
}

#[test]
fn x4_no_text_of_a_client_forges_a_line() {
    for line_break in BREAKS {
        let hostile = format!("x\"{line_break}{FORGED}\\{line_break}");
        let mut event = Event::new(EventKind::LoginFailed, "2026-01-01T00:00:00Z".parse().unwrap());
        event.user = Some(hostile.clone());
        event.actor = Some(hostile.clone());
        event.request_id = Some(hostile.clone());
        event.detail = Some(hostile.clone().into());
        let text = logged(|| TracingSink.record(&event));
        assert_whole(&text, 1);
        assert_eq!(text.matches("kind=logged_in").count(), 4, "all four are there, escaped: {text}");
        // As JSON too it is one line.
        assert!(!serde_json::to_string(&event).unwrap().contains(['\n', '\r']));
    }
}

#[test]
fn what_needs_attention_is_a_warning_and_kinds_have_their_stable_names() {
    let line = |kind| {
        let mut event = Event::new(kind, "2026-01-01T00:00:00Z".parse().unwrap());
        event.user = Some("1".to_owned());
        event.detail = Some("on_after_register: the mail server is away".into());
        logged(|| TracingSink.record(&event))
    };
    let (failed, logged_in) = (line(EventKind::HookFailed), line(EventKind::LoggedIn));
    let rest = "user=\"1\" detail=\"on_after_register: the mail server is away\"\n";
    assert!(
        failed.contains(" WARN usermgr: at=2026-01-01T00:00:00Z kind=hook_failed ") && failed.ends_with(rest),
        "{failed}"
    );
    assert!(logged_in.contains(" INFO usermgr: at=2026-01-01T00:00:00Z kind=logged_in ") && logged_in.ends_with(rest));
}

/// Ids are texts here, which an application may choose.
struct Accounts {
    engine: Engine<MemoryStore<NoProfile, String>>,
}

#[user_manager(store = MemoryStore<NoProfile, String>, secret = SECRET)]
impl Accounts {
    async fn on_after_login(&self, _: &User<NoProfile, String>, _: &mut Login) -> Result<(), HookError> {
        Err(HookError::new(format!("no\r\n{FORGED}")))
    }
}

#[test]
fn x4_no_operation_lets_a_text_of_a_client_out_of_its_line() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = Engine::builder(MemoryStore::default())
        .backend(Backend::bearer("session", Database::new()))
        .hasher(cheap(8))
        .limits(Limits::dangerous_none())
        .build()
        .unwrap();
    let accounts = Accounts { engine };
    for line_break in BREAKS {
        let hostile = format!("x{line_break}{FORGED}");
        let mut cx = Context::system(hostile.clone());
        (cx.request_id, cx.user_agent) = (Some(hostile.clone()), Some(hostile.clone()));
        let text = logged(|| {
            runtime.block_on(async {
                let _ = accounts.register(Register::new("ada@example.com", GOOD), &cx).await;
                let _ = accounts.register(Register::new("ada@example.com", GOOD), &cx).await;
                let _ = accounts.login(Credentials::new(hostile.as_str(), hostile.as_str()), "session", &cx).await;
                let _ = accounts.login(Credentials::new("ada@example.com", GOOD), "session", &cx).await;
                let _ = accounts.verify(&hostile.as_str().into(), &cx).await;
                let _ = accounts.reset_password(&hostile.as_str().into(), GOOD.into(), &cx).await;
            });
        });
        // Two registrations, a login that fails and one that does not, whose hook fails, and two tokens that are none.
        assert_whole(&text, 7);
    }
}

#[test]
fn l2_an_unknown_address_behind_proxies_is_a_warning_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = Engine::builder(MemoryStore::default())
        .backend(Backend::bearer("session", Database::new()))
        .trusted_proxies(2)
        .build()
        .unwrap();
    let (accounts, routes) = (Arc::new(Accounts { engine }), Routes::<Accounts>::new());
    let me = routes.iter().find(|route| route.endpoint() == Endpoint::Me).unwrap();
    let asked = |header: &'static str| {
        let request = Request::get("/users/me").header("x-forwarded-for", header).body(()).unwrap();
        logged(|| {
            runtime.block_on(me.answer(accounts.clone(), request.into_parts().0, Ok(Default::default()), None));
        })
    };
    assert_eq!(asked("1.1.1.1, 2.2.2.2"), "");
    let text = asked("hostile, 2.2.2.2");
    assert!(text.contains(" WARN usermgr: ") && text.contains("proxies=2") && !text.contains("hostile"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    for header in ["hostile, 2.2.2.2", "1.1.1.1", ""] {
        assert_eq!(asked(header), "", "{header}");
    }
}
