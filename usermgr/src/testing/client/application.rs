//! What a client calls: an axum router, or any `async` function from a request to a response.

use ::http::{Request, Response};
use bytes::Bytes;

/// An application that a [`Client`](super::Client) can call: an axum `Router`, or an `async` function from a request to a response, with
/// which an application with any framework can be tested.
///
/// The extensions of the request hold the [`SocketAddr`](std::net::SocketAddr) of [`Client::peer`](super::Client::peer), if there is one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use usermgr::testing::Client;
///
/// let client = Client::over(async |request: Request<Bytes>| Response::new(Bytes::from(request.uri().path().to_owned())));
/// assert_eq!(client.get("/hello").await.text(), "/hello");
/// # }
/// ```
pub trait Application {
    /// The future of the response.
    type Answer: Future<Output = Response<Bytes>>;

    /// Handles one request.
    fn answer(&self, request: Request<Bytes>) -> Self::Answer;
}

impl<F, Answer> Application for F
where
    F: Fn(Request<Bytes>) -> Answer,
    Answer: Future<Output = Response<Bytes>>,
{
    type Answer = Answer;

    fn answer(&self, request: Request<Bytes>) -> Answer {
        self(request)
    }
}

#[cfg(feature = "axum")]
mod router {
    use std::{convert::Infallible, net::SocketAddr, pin::Pin};

    use ::axum::{
        Router,
        body::{Body, to_bytes},
        extract::ConnectInfo,
    };
    use tower::ServiceExt;

    use super::{Application, Bytes, Request, Response};

    impl Application for Router {
        type Answer = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

        fn answer(&self, request: Request<Bytes>) -> Self::Answer {
            let mut request = request.map(Body::from);
            if let Some(peer) = request.extensions_mut().remove::<SocketAddr>() {
                request.extensions_mut().insert(ConnectInfo(peer));
            }
            let router = self.clone();
            Box::pin(async move {
                let answered: Result<_, Infallible> = router.oneshot(request).await;
                let (parts, body) = match answered {
                    Ok(response) => response.into_parts(),
                    Err(never) => match never {},
                };
                let body = to_bytes(body, usize::MAX).await;
                Response::from_parts(
                    parts,
                    body.unwrap_or_else(|error| panic!("the body of the answer breaks off: {error}")),
                )
            })
        }
    }
}
