//! The guide: one page a theme. It is the text of `usermgr/docs`, whose code is compiled and run as this crate's own examples are.
//!
//! Begin with [first steps](first_steps); read [security] before the first real user.

/// A page is an empty module with a file of `docs` as its text. Before it stand the link targets: in a repository the links of a page
/// lead to files, here to items, and of two targets of one name the first counts. Its code needs features; without them there is no
/// text either.
macro_rules! pages {
    ($($page:ident = $file:literal: $theme:literal;)*) => {$(
        #[doc = $theme]
        #[doc = ""]
        #[cfg_attr(all(feature = "axum", feature = "outbox", feature = "sqlite", feature = "testing"), doc = include_str!("../docs/links.md"))]
        #[cfg_attr(all(feature = "axum", feature = "outbox", feature = "sqlite", feature = "testing"), doc = include_str!(concat!("../docs/", $file)))]
        #[cfg_attr(
            not(all(feature = "axum", feature = "outbox", feature = "sqlite", feature = "testing")),
            doc = concat!("Build the documentation with the features `axum`, `outbox`, `sqlite` and `testing`, or read `usermgr/docs/", $file, "`.")
        )]
        pub mod $page {}
    )*};
}

pages! {
    first_steps = "first-steps.md": "A program that manages users, line by line, and where to go from there.";
    hooks = "hooks.md": "Every hook: when it is called, what it answers, what its failure means, and the order.";
    settings_and_secrets = "settings-and-secrets.md": "The settings of the attribute, where secrets come from, what becomes of them, and how they are rotated.";
    users_and_profiles = "users-and-profiles.md": "What a user is, fields of your own, what requests can set, ids and addresses.";
    delivery = "delivery.md": "Durable delivery: the outbox, which hooks it calls, and what happens when one fails.";
    stores = "stores.md": "The contract of a store, one of your own, SQLite, PostgreSQL, MariaDB and MySQL, TLS, transactions.";
    sessions = "sessions.md": "Backends, transports, strategies, what ends when, fresh logins.";
    http = "http.md": "The routes, the order of evaluation, the shape of a 422.";
    frameworks = "frameworks.md": "axum, actix-web and others: the routes mounted, some of them or elsewhere, and the extractors.";
    front_ends = "front-ends.md": "A front end on another origin: CORS for both frameworks, the cookie's `SameSite`, and which origins can be allowed.";
    websockets = "websockets.md": "What is different about WebSockets: no header from pages, no CORS, and sessions that end meanwhile.";
    openapi = "openapi.md": "The OpenAPI document of the routes: what it tells, and how it is served.";
    passwords = "passwords.md": "The policy, hashing and its threads, hashes of other systems, a hasher of your own.";
    events = "events.md": "What is told to the audit sink.";
    testing = "testing.md": "A clock, a mailbox, a probe and a client for tests.";
    security = "security.md": "What is closed by default, what is not yet, and the requirements behind it.";
    coming_from_fastapi_users = "coming-from-fastapi-users.md": "What each name of FastAPI Users is called here, how its users are imported, and what is different.";
    deploying = "deploying.md": "A checklist for the first real users: secrets, proxies, limits, mails, the stop and the backup.";
    growing = "growing.md": "From one SQLite file to PostgreSQL, Redis and several processes.";
    performance = "performance.md": "How fast it is beside the same written by hand and beside FastAPI Users, and where it falls short.";
    diagnostics = "diagnostics.md": "Every mistake that the compiler tells, with its message and the remedy.";
    conformance = "conformance.md": "Row by row: what a client of FastAPI Users can ask, what is answered, and where that differs.";
    errors = "errors.md": "The error types, and all codes and statuses.";
}
