//! The table of routes: what the adapters mount, and what a document or a test of the whole face reads.

use ::http::Method;

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What answers it.
    pub endpoint: Endpoint,
    /// The method; a `GET` route answers `HEAD` too.
    pub method: Method,
    /// The path, with its parameter in braces.
    pub path: &'static str,
}

macro_rules! routes {
    ($(#[$doc:meta])* $table:ident: $($endpoint:ident $method:ident $path:literal;)*) => {
        $(#[$doc])*
        pub const $table: &[Route] = &[$(Route { endpoint: Endpoint::$endpoint, method: Method::$method, path: $path },)*];
    };
}

routes! {
    /// The routes that every store can serve, with the paths that FastAPI Users' documentation uses.
    ROUTES:
    Login POST "/auth/{backend}/login";
    Logout POST "/auth/{backend}/logout";
    Register POST "/auth/register";
    RequestVerify POST "/auth/request-verify-token";
    Verify POST "/auth/verify";
    ForgotPassword POST "/auth/forgot-password";
    ResetPassword POST "/auth/reset-password";
    ChangePassword POST "/auth/change-password";
    RequestEmailChange POST "/auth/request-email-change";
    ConfirmEmailChange POST "/auth/confirm-email-change";
    Me GET "/users/me";
    UpdateMe PATCH "/users/me";
    DeleteMe DELETE "/users/me";
    User GET "/users/{id}";
    UpdateUser PATCH "/users/{id}";
    DeleteUser DELETE "/users/{id}";
}

routes! {
    /// The routes that need a store that can list.
    DIRECTORY_ROUTES:
    ListUsers GET "/users";
}

routes! {
    /// The routes that need a store that keeps sessions.
    SESSION_ROUTES:
    Refresh POST "/auth/{backend}/refresh";
    ListSessions GET "/users/me/sessions";
    RevokeSessions DELETE "/users/me/sessions";
    RevokeSession DELETE "/users/me/sessions/{id}";
}

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// Form, multipart or JSON `username`, `password` → 200 with a token.
    Login,
    /// → 204.
    Logout,
    /// `email`, `password`, profile → 201 user.
    Register,
    /// `email` → 202, whoever has it.
    RequestVerify,
    /// `token` → 200 user.
    Verify,
    /// `email` → 202, whoever has it.
    ForgotPassword,
    /// `token`, `password` → 200.
    ResetPassword,
    /// `current_password`, `password` → 204.
    ChangePassword,
    /// `email` → 202, whoever has it; needs a fresh login.
    RequestEmailChange,
    /// `token` → 200 user.
    ConfirmEmailChange,
    /// → 200 user.
    Me,
    /// Any of `email`, `password`, `current_password`, profile → 200 user.
    UpdateMe,
    /// → 204; needs a fresh login.
    DeleteMe,
    /// Superusers: → 200 user.
    User,
    /// Superusers: any field → 200 user.
    UpdateUser,
    /// Superusers: → 204.
    DeleteUser,
    /// Superusers: `?cursor=&limit=` → 200 page.
    ListUsers,
    /// `refresh_token` → 200 with the next tokens.
    Refresh,
    /// `?cursor=&limit=` → 200 list of one's own sessions; a `Link` header leads to the next page.
    ListSessions,
    /// → 204; ends all of one's own sessions but the one that asks; needs a fresh login.
    RevokeSessions,
    /// → 204; ends one of one's own sessions.
    RevokeSession,
}
