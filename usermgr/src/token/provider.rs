//! The crypto provider of jsonwebtoken. It is passed explicitly, and the process-wide default stays untouched. So an
//! application that uses jsonwebtoken itself, or enables its other provider, keeps its own behavior and does not change
//! that of the library.

use jsonwebtoken::crypto::CryptoProvider;

#[cfg(feature = "aws-lc")]
pub(crate) use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as SELECTED;
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
pub(crate) use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER as SELECTED;

#[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
compile_error!("usermgr needs one of its features `aws-lc` (the default) and `rust-crypto` to sign tokens");

const _: &CryptoProvider = &SELECTED;
