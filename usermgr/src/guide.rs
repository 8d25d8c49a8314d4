//! The guide: one page for each theme. It is the text of `usermgr/docs`, whose code is compiled and run as the examples of this crate are.
//!
//! - **An application**: [first steps](first_steps), [deploying], [operations], [growing].
//! - **Themes**: [hooks], [users and profiles](users_and_profiles), [user names](user_names), [passwords], [sessions],
//!   [second factors](second_factors), [passkeys], [login by mail](mail_login), [signing in with others](signing_in_with_others),
//!   [permissions], [API keys](api_keys), [invitations], [several kinds of user](kinds), [captcha], [login history](login_history),
//!   [mail], [pages], [administration], [delivery], [stores], [frameworks], [front ends](front_ends), [testing], [security], [events].
//! - **Reference**: [settings and secrets](settings_and_secrets), [HTTP](self::http), [errors], [conformance], [diagnostics],
//!   [performance], [coming from FastAPI Users](coming_from_fastapi_users).
//!
//! Begin with [first steps](first_steps). Read [security] before the first real user.

/// A page is an empty module with a file of `docs` as its text. The link targets come first: in the repository the links of a page lead to
/// files, here they lead to items. If a target is defined twice, the first definition counts. The code of a page needs features. Without
/// them the page has no text.
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

// An application.
pages! {
    first_steps = "first-steps.md": "From an empty package to an application with its own tables, handlers, mails, commands and tests.";
    deploying = "deploying.md": "To production: a container, a systemd unit, secrets, migrations and rights, upgrades, the proxy, the stop, backups, and a checklist.";
    operations = "operations.md": "The log, the audit file, metrics, traces, and the commands of the reference server with their exit codes.";
    growing = "growing.md": "From one SQLite file to PostgreSQL, Redis and several processes.";
}

// Themes.
pages! {
    hooks = "hooks.md": "Every hook: when it is called, what it returns, what its failure means, and the order.";
    users_and_profiles = "users-and-profiles.md": "What a user is, your own fields, what requests can set, ids and addresses.";
    passwords = "passwords.md": "The policy, breached passwords, hashing and its threads, a pepper, hashes of other systems, a custom hasher.";
    signing_in_with_others = "signing-in-with-others.md": "Accounts at Google, GitHub, Microsoft, Apple and any other provider: set-up, linking, profiles, front ends, tests.";
    second_factors = "second-factors.md": "Authenticator apps and recovery codes: adding them, a login in two steps, step-up, and who must have one.";
    permissions = "permissions.md": "Permissions and roles as enums, handlers that name what they need, and fields that only superusers set.";
    user_names = "user-names.md": "A second identifier beside the address: rules, login by either, changes, what a name reveals.";
    login_history = "login-history.md": "The latest logins and refused logins of each user: what is kept, how long, who sees it, privacy.";
    captcha = "captcha.md": "Keeping programs away from registration, login and mails: a verifier, its failures, limits, pages.";
    mail_login = "mail-login.md": "A link or a code in place of a password: set-up, routes, what a mail proves, what a stranger can do.";
    api_keys = "api-keys.md": "Secrets with which the programs of a user call your handlers: what they may do, how they are made, and when they end.";
    invitations = "invitations.md": "An account that waits for the owner of an address: inviting, accepting, a closed registration.";
    passkeys = "passkeys.md": "Logins without a password, and second factors, by keys that devices keep: set-up, front ends, what is checked, tests.";
    sessions = "sessions.md": "Backends, transports, strategies, refresh tokens, fresh logins, and what ends when.";
    mail = "mail.md": "What is mailed, in which language, how each word, template and mail is replaced, and the mail server.";
    pages = "pages.md": "HTML pages for sign-in, registration, the links of mails and the account: what they do, and how each word, colour, template and language is replaced.";
    administration = "administration.md": "What superusers do with the accounts of others: routes, search, pages, operations, and what is left out.";
    delivery = "delivery.md": "Durable delivery: the outbox, which hooks it calls, and what happens when one fails.";
    kinds = "kinds.md": "Staff beside customers, and tenants: realms, what each has of its own, extractors, the manager of a request.";
    stores = "stores.md": "The contract of a store, a custom store, SQLite, PostgreSQL, MariaDB and MySQL, TLS, transactions.";
    frameworks = "frameworks.md": "axum, actix-web and others: mounting routes, extractors, WebSockets.";
    front_ends = "front-ends.md": "A front end on another origin: CORS, the cookie, the check of the origin, and when `SameSite=None` is needed.";
    testing = "testing.md": "A clock, a mailbox, a probe and a client for tests.";
    security = "security.md": "What is closed by default, what is not yet, and the requirements behind it.";
    events = "events.md": "What is recorded in the audit sink.";
}

// Reference.
pages! {
    settings_and_secrets = "settings-and-secrets.md": "The settings of the attribute, where secrets come from, what is derived from them, and how they are rotated.";
    http = "http.md": "The routes, the order of evaluation, the shape of a 422, the principal cache and the OpenAPI document.";
    errors = "errors.md": "The error types, and all codes and statuses.";
    conformance = "conformance.md": "Row by row: what a client of FastAPI Users can ask, what the answer is, and where it differs.";
    diagnostics = "diagnostics.md": "Every mistake that the compiler reports, with its message and the remedy.";
    performance = "performance.md": "How fast it is beside the same application written by hand and beside FastAPI Users, and where it falls short.";
    coming_from_fastapi_users = "coming-from-fastapi-users.md": "What each name of FastAPI Users is called here, how its users are imported, and what is different.";
}
