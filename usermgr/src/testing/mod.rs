//! The testing kit (feature `testing`): a clock that the test moves, mail that is captured, a probe that keeps events and tokens, a
//! client without a socket, forged tokens, watched parts that record their calls or fail on request, and the conformance kit for
//! custom stores.

#[cfg(feature = "http")]
mod client;
mod clock;
pub mod conformance;
#[cfg(feature = "passkeys")]
mod fake_authenticator;
#[cfg(feature = "oauth-bare")]
pub(crate) mod fake_provider;
mod forge;
#[cfg(any(feature = "oauth-bare", feature = "passkeys"))]
mod keys;
mod mailbox;
mod probe;
mod watch;
mod watched_store;

#[cfg(feature = "http")]
pub use client::{Application, Client, Reply, RequestBuilder, Sending};
pub use clock::FakeClock;
#[cfg(feature = "passkeys")]
pub use fake_authenticator::FakeAuthenticator;
#[cfg(feature = "oauth-bare")]
pub use fake_provider::{FakeFailure, FakeProvider};
#[cfg(feature = "jwt-keys")]
pub use forge::forge_with_keys;
pub use forge::{claims_of, forge, forge_unsigned};
pub use mailbox::Mailbox;
pub use probe::Probe;
pub use watch::{Calls, Counted, FaultAt, Faults, Faulty, InjectedFault, Watch, Watched};
