//! CORS for the pages of the allowed origins (Fetch, 3.2): the headers of a request go in, and the headers of its response come out, the
//! same for both frameworks.

use crate::options::Options;

/// The methods that pages may use; the library has no others.
const METHODS: &str = "GET, POST, PATCH, DELETE";
/// What a page may read of a response in addition to its body: how long to wait after 429 and 503, and where a list goes on.
const EXPOSED: &str = "retry-after, link";
/// How long a browser may cache the result, in seconds.
const MAX_AGE: &str = "600";

/// Whose pages may read responses, including cookies, and which headers they may send.
pub(super) struct Cors {
    origins: Vec<String>,
    headers: String,
}

/// The parts of a request that CORS depends on.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) origin: Option<&'a [u8]>,
    /// Whether it names a method, as only browsers do before they send the request itself.
    pub(super) asks_for_method: bool,
}

/// Names and values of headers.
pub(super) type Headers = Vec<(&'static str, String)>;

impl Cors {
    /// `None` without an allowed origin.
    pub(super) fn of(options: &Options) -> Option<Self> {
        let own = ["authorization", "content-type"].map(str::to_owned);
        let headers = own.into_iter().chain(options.allow_header.iter().map(|name| name.0.clone()));
        let headers = headers.collect::<Vec<_>>().join(", ");
        let cors = Self { origins: options.allow_origin.clone(), headers };
        (!cors.origins.is_empty()).then_some(cors)
    }

    /// Whether it is a preflight request, which is answered 204 without calling a route.
    pub(super) fn is_preflight(asked: &Asked<'_>) -> bool {
        asked.method == "OPTIONS" && asked.origin.is_some() && asked.asks_for_method
    }

    /// The headers for a response. A page of an origin that is not allowed learns only that.
    pub(super) fn headers(&self, asked: &Asked<'_>) -> Headers {
        let preflight = Self::is_preflight(asked);
        let vary = ["origin", "origin, access-control-request-method, access-control-request-headers"];
        let mut headers: Headers = vec![("vary", vary[usize::from(preflight)].to_owned())];
        if preflight {
            headers
                .extend([("cache-control", "no-store".to_owned()), ("x-content-type-options", "nosniff".to_owned())]);
        }
        let Some(origin) = self.origins.iter().find(|allowed| asked.origin == Some(allowed.as_bytes())) else {
            return headers;
        };
        headers.push(("access-control-allow-origin", origin.clone()));
        headers.push(("access-control-allow-credentials", "true".to_owned()));
        if preflight {
            headers.push(("access-control-allow-methods", METHODS.to_owned()));
            headers.push(("access-control-allow-headers", self.headers.clone()));
            headers.push(("access-control-max-age", MAX_AGE.to_owned()));
        } else {
            headers.push(("access-control-expose-headers", EXPOSED.to_owned()));
        }
        headers
    }
}
