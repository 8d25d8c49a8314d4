//! The built-in HTTP client: one connection for each call, no redirects, a limit on time and size, and no private
//! addresses. The addresses of a name are judged, and the connection goes to one of those that were judged, so that a
//! name cannot change between the two.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use ::http::{HeaderValue, Request, Response, Uri, header};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{HttpClient, HttpError, reader::MOST};
use crate::config_error::ConfigError;

/// The time for a connection, its certificate included.
const CONNECT: Duration = Duration::from_secs(3);
/// The time for a whole call.
const CALL: Duration = Duration::from_secs(10);
/// The size of the head of a response, in bytes.
const HEAD: usize = 32 * 1024;

/// The HTTP client of the feature `oauth`: HTTP/1.1 over TLS 1.2 or later, with the certificates that the system trusts.
///
/// It follows no redirects, gives up after ten seconds, reads at most 256 KiB, and calls no private address: not this
/// machine, not its network, and not the metadata service of a cloud.
pub struct Transport {
    tls: TlsConnector,
    private: bool,
    plain_http: bool,
}

impl Transport {
    /// Creates a client with the certificates of the system.
    ///
    /// - `private`: whether it may call private addresses.
    /// - `plain_http`: whether it may call without TLS.
    ///
    /// # Errors
    /// [`ConfigError`] if the system has no certificates.
    pub fn new(private: bool, plain_http: bool) -> Result<Self, ConfigError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() && !plain_http {
            let why = "`OAuth`: the system has no certificates: install the package `ca-certificates`, or set a client";
            return Err(ConfigError::new(why));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ConfigError::new(format!("`OAuth`: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), private, plain_http })
    }

    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let target = Target::of(request.uri()).filter(|target| target.tls || self.plain_http);
        let target = target.ok_or(HttpError::Forbidden)?;
        let stream = timeout(CONNECT, self.connect(&target)).await.map_err(|_| HttpError::TimedOut)??;
        if !target.tls {
            return exchange(stream, request, &target).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| HttpError::Forbidden)?;
        let secured = timeout(CONNECT, self.tls.connect(name, stream)).await.map_err(|_| HttpError::TimedOut)?;
        exchange(secured.map_err(failed)?, request, &target).await
    }

    /// Connects to an address of the host. If one of its addresses is private, none is called.
    async fn connect(&self, target: &Target) -> Result<TcpStream, HttpError> {
        let found: Vec<SocketAddr> = lookup_host((target.host.as_str(), target.port)).await.map_err(failed)?.collect();
        if !self.private && found.iter().any(|address| !is_public(address.ip())) {
            return Err(HttpError::Forbidden);
        }
        TcpStream::connect(found.as_slice()).await.map_err(failed)
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        timeout(CALL, self.call(request)).await.map_err(|_| HttpError::TimedOut)?
    }
}

/// Where a request goes.
struct Target {
    host: String,
    port: u16,
    tls: bool,
    /// As the header `Host` has it.
    authority: String,
}

impl Target {
    fn of(uri: &Uri) -> Option<Self> {
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        // `127.1`, `0x7f.1` and `2130706433` are addresses for some resolvers, and names for others.
        let number = |label: &str| label.starts_with("0x") || label.bytes().all(|byte| byte.is_ascii_digit());
        let ends_in_number = host.rsplit('.').next().is_some_and(number);
        if host.is_empty() || ends_in_number && host.parse::<IpAddr>().is_err() {
            return None;
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Some(Self { host, port, tls, authority: authority.as_str().to_owned() })
    }
}

/// Sends a request over a connection and reads the whole response.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Bytes>,
    target: &Target,
) -> Result<Response<Bytes>, HttpError> {
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(HEAD).handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    parts.uri = path.parse().map_err(failed)?;
    parts.headers.insert(header::HOST, HeaderValue::from_str(&target.authority).map_err(failed)?);
    parts.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let work = async {
        let response = sender.send_request(Request::from_parts(parts, Full::new(body))).await.map_err(failed)?;
        let (parts, body) = response.into_parts();
        match Limited::new(body, MOST).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(HttpError::TooLarge),
            Err(error) => Err(HttpError::Failed(error.to_string())),
        }
    };
    // The connection is driven here, so that it ends with the call.
    let mut connection = std::pin::pin!(connection);
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => done,
        ended = &mut connection => match ended {
            Ok(()) => work.await,
            Err(error) => Err(failed(error)),
        },
    }
}

fn failed(error: impl std::fmt::Display) -> HttpError {
    HttpError::Failed(error.to_string())
}

/// Whether an address is one of the public Internet (IANA's registries of special-purpose addresses). An IPv4 address
/// inside an IPv6 address is judged by itself.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            !matches!(
                (a, b, c),
                (0 | 10 | 127 | 224..=255, ..)
                    | (100, 64..=127, _)
                    | (169, 254, _)
                    | (172, 16..=31, _)
                    | (192, 0, 0 | 2)
                    | (192, 88, 99)
                    | (192, 168, _)
                    | (198, 18 | 19, _)
                    | (198, 51, 100)
                    | (203, 0, 113)
            )
        }
        IpAddr::V6(address) => {
            let parts = address.segments();
            let inner = || Ipv4Addr::from((u32::from(parts[6]) << 16) | u32::from(parts[7]));
            match (address.to_ipv4_mapped(), parts) {
                (Some(inner), _) => is_public(inner.into()),
                // NAT64 (RFC 6052, 2.1).
                (None, [0x64, 0xff9b, 0, 0, 0, 0, ..]) => is_public(inner().into()),
                (None, [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..]) => false,
                (None, [first, ..]) => (0x2000..0x4000).contains(&first) && first != 0x3fff,
            }
        }
    }
}

#[cfg(test)]
mod tests;
