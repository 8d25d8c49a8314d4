//! The span of each request, with the names of OpenTelemetry.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context as Layers, SubscriberExt},
    registry::LookupSpan,
};
use usermgr::{
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, FaultAt, Faults, Faulty},
};
use usermgr_tests::PASSWORD;

struct Accounts {
    engine: Engine<Faulty<MemoryStore>>,
}

#[user_manager(store = Faulty<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// The fields of a span by their names, as text.
type Fields = BTreeMap<String, String>;

/// Keeps the fields of the spans that have ended.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<Vec<Fields>>>);

struct Read<'a>(&'a mut Fields);

impl Visit for Read<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Ended {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Layers<'_, S>) {
        let mut fields = Fields::from([("target".to_owned(), attributes.metadata().target().to_owned())]);
        attributes.record(&mut Read(&mut fields));
        cx.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Layers<'_, S>) {
        values.record(&mut Read(cx.span(id).unwrap().extensions_mut().get_mut().unwrap()));
    }

    fn on_close(&self, id: Id, cx: Layers<'_, S>) {
        let fields = cx.span(&id).unwrap().extensions_mut().remove::<Fields>().unwrap();
        if fields["target"] == "usermgr::request" {
            self.0.lock().unwrap().push(fields);
        }
    }
}

impl Ended {
    /// The one span that has ended since the last call, without its target.
    #[track_caller]
    fn one(&self) -> Fields {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].remove("target");
        all.remove(0)
    }
}

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn application(faults: Faults) -> Client {
    let engine = Engine::builder(Faulty::new(MemoryStore::new(), faults))
        .backend(Backend::bearer("jwt", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .trusted_proxies(1)
        .build()
        .unwrap();
    Client::new(usermgr::axum::router(Accounts { engine }).unwrap()).peer([203, 0, 113, 9])
}

#[tokio::test]
async fn each_request_is_one_span_with_the_names_of_opentelemetry_and_no_secret() {
    let (ended, faults) = (Ended::default(), Faults::default());
    let _guard = tracing::subscriber::set_default(Registry::default().with(ended.clone()));
    let client = application(faults.clone()).header("x-forwarded-proto", "https");

    let id = client.register("ada@example.com", PASSWORD).await.expect(201).json["id"].as_str().unwrap().to_owned();
    assert_eq!(
        ended.one(),
        fields([
            ("http.request.method", "POST"),
            ("http.response.status_code", "201"),
            ("http.route", "/auth/register"),
            ("otel.kind", "server"),
            ("otel.name", "POST /auth/register"),
            ("url.scheme", "https"),
        ])
    );

    client.login("jwt", "ada@example.com", "a wrong canary").await.expect(400);
    let wrong = ended.one();
    assert_eq!((&*wrong["http.route"], &*wrong["http.response.status_code"]), ("/auth/{backend}/login", "400"));
    assert!(!wrong.contains_key("error.type"), "a mistake of the client is no error of the server: {wrong:?}");

    client.login("jwt", "ada@example.com", PASSWORD).await.expect(200);
    ended.one();
    client.get("/users/me").await.expect(200);
    assert_eq!(ended.one().get("user.id"), Some(&id));
    client.patch("/users/ada@example.com?secret=canary", json!({ "is_superuser": true })).await.expect(403);
    let refused = ended.one();
    assert_eq!((&*refused["http.route"], &*refused["http.request.method"]), ("/users/{id}", "PATCH"));

    faults.fail_from(1, FaultAt::Before);
    client.get("/users/me").await.expect(503);
    let failed = ended.one();
    assert_eq!(
        (&*failed["http.response.status_code"], &*failed["error.type"], &*failed["otel.status_code"]),
        ("503", "503", "ERROR")
    );
    for span in [wrong, refused, failed] {
        let all = format!("{span:?}");
        for hidden in ["canary", PASSWORD, "ada@example.com", "203.0.113.9", "secret"] {
            assert!(!all.contains(hidden), "{hidden} is in {all}");
        }
    }
}

#[tokio::test]
async fn a_program_that_shows_no_spans_makes_none() {
    let ended = Ended::default();
    let subscriber = Registry::default().with(ended.clone().with_filter(LevelFilter::INFO));
    let _guard = tracing::subscriber::set_default(subscriber);
    application(Faults::default()).register("ada@example.com", PASSWORD).await.expect(201);
    assert!(ended.0.lock().unwrap().is_empty());
}
