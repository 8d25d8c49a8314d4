//! The rows of a slice with their handlers: a list goes in, and the table of its routes and the functions that answer them come out. A row
//! has its guard asked before its handler is called.

/// Three tables, by what they require of the store, and one of the routes that need a part of the engine; a table that is not given is empty. A row is `handler => route;`, or `handler for guard =>
/// route;` for a handler that takes the principal too. It defines its [`Endpoint`](super::Endpoint), with the documentation above it.
macro_rules! endpoints {
    (
        $(every_store { $($every_store:tt)* })?
        $(sessions { $($sessions:tt)* })?
        $(directory { $($directory:tt)* })?
        $(parts { $($parts:tt)* })?
    ) => {
        $crate::http::table! { EVERY_STORE every_store [$crate::UserManager] $($($every_store)*)? }
        $crate::http::table! {
            SESSIONS sessions [$crate::UserManager<Store: $crate::store::SessionStore>] $($($sessions)*)?
        }
        $crate::http::table! { DIRECTORY directory [$crate::UserManager<Store: $crate::store::Directory>] $($($directory)*)? }
        $crate::http::table! { PARTS parts [$crate::UserManager] $($($parts)*)? }
    };
}

/// One table.
macro_rules! table {
    (
        $table:ident $mounted:ident [$($bound:tt)*]
        $(
            $(#[$doc:meta])*
            $handler:ident $(for $guard:expr)? => Route::$method:ident($path:literal, $endpoint:ident, $name:literal)
                $(.$word:ident($($said:tt)*))*;
        )*
    ) => {
        #[allow(non_upper_case_globals, reason = "they name endpoints as variants would")]
        impl $crate::http::Endpoint {
            $($(#[$doc])* pub const $endpoint: Self = Self::named(stringify!($endpoint));)*
        }

        pub(crate) const $table: &[$crate::http::Route] = &[$(
            $crate::http::Route::$method($path, $crate::http::Endpoint::$endpoint, $name)
                $(.caller($crate::http::Caller::Guarded($guard)))?
                $(.$word($($said)*))*,
        )*];

        pub(crate) fn $mounted<M: $($bound)*>() -> Vec<$crate::http::Mounted<M>> {
            let answers: &[$crate::http::Answer<M>] = &[$($crate::http::answer!($handler $(, $guard)?),)*];
            $table.iter().zip(answers).map(|(route, answer)| $crate::http::Mounted::of(route, *answer)).collect()
        }
    };
}

/// Each handler has its own future: one for all of them would be as large as the largest, at every request.
macro_rules! answer {
    ($handler:ident) => {
        |manager, mut request| {
            Box::pin(async move {
                let discarded = match $crate::http::admitted(&*manager, &mut request) {
                    Ok(discarded) => discarded,
                    Err(problem) => return problem.into_outgoing(),
                };
                discarded.answer($handler::<M>(&manager, request).await)
            })
        }
    };
    ($handler:ident, $guard:expr) => {
        |manager, mut request| {
            Box::pin(async move {
                let discarded = match $crate::http::admitted(&*manager, &mut request) {
                    Ok(discarded) => discarded,
                    Err(problem) => return problem.into_outgoing(),
                };
                let outcome = match $crate::http::demand(&*manager, &request.parts, $guard).await {
                    Ok(principal) => $handler::<M>(&manager, request, principal).await,
                    Err(problem) => Err(problem),
                };
                discarded.answer(outcome)
            })
        }
    };
}

pub(crate) use {answer, endpoints, table};
