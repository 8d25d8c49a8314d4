//! SHA-1 of aws-lc or of RustCrypto. It protects nothing here: it is the name under which lists keep a password.

#[cfg(feature = "aws-lc")]
pub(super) use aws_lc::digest;
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
pub(super) use rust_crypto::digest;

#[cfg(feature = "aws-lc")]
pub(super) mod aws_lc {
    use zeroize::Zeroizing;

    pub(in crate::password::breaches) fn digest(text: &[u8]) -> Zeroizing<[u8; 20]> {
        let mut bytes = Zeroizing::new([0; 20]);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text);
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }
}

#[cfg(all(feature = "rust-crypto", any(test, not(feature = "aws-lc"))))]
pub(super) mod rust_crypto {
    use sha1::{Digest, Sha1};
    use zeroize::Zeroizing;

    pub(in crate::password::breaches) fn digest(text: &[u8]) -> Zeroizing<[u8; 20]> {
        Zeroizing::new(Sha1::digest(text).into())
    }
}
