//! The crypto provider: which of jsonwebtoken's two is used. The process-wide default is never touched, because an application that
//! uses jsonwebtoken itself, or turns its other feature on, must keep its own behaviour and not change ours.

use jsonwebtoken::crypto::CryptoProvider;

#[cfg(feature = "aws-lc")]
pub(crate) use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as SELECTED;
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
pub(crate) use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER as SELECTED;

#[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
compile_error!("usermgr needs one of its features `aws-lc` (the default) and `rust-crypto` to sign tokens");

const _: &CryptoProvider = &SELECTED;
