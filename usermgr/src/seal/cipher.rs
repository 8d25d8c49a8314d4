//! ChaCha20-Poly1305 (RFC 8439) of aws-lc or of RustCrypto. Both read the same format, so that the crate feature can be
//! changed for an existing database.

#[cfg(feature = "aws-lc")]
pub(super) use aws_lc::{open, seal};
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
pub(super) use rust_crypto::{open, seal};

#[cfg(feature = "aws-lc")]
pub(super) mod aws_lc {
    use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
    use zeroize::Zeroizing;

    fn cipher(key: &[u8; 32]) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new)
    }

    pub(in crate::seal) fn seal(key: &[u8; 32], nonce: [u8; 12], place: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = plain.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        cipher(key)?.seal_in_place_append_tag(nonce, Aad::from(place), &mut sealed).ok()?;
        Some(sealed)
    }

    pub(in crate::seal) fn open(
        key: &[u8; 32],
        nonce: [u8; 12],
        place: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = cipher(key)?.open_in_place(nonce, Aad::from(place), plain.as_mut_slice()).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(all(feature = "rust-crypto", any(test, not(feature = "aws-lc"))))]
pub(super) mod rust_crypto {
    use chacha20poly1305::{
        ChaCha20Poly1305, KeyInit,
        aead::{Aead, Payload},
    };
    use zeroize::Zeroizing;

    pub(in crate::seal) fn seal(key: &[u8; 32], nonce: [u8; 12], place: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg: plain, aad: place };
        ChaCha20Poly1305::new(&(*key).into()).encrypt(&nonce.into(), payload).ok()
    }

    pub(in crate::seal) fn open(
        key: &[u8; 32],
        nonce: [u8; 12],
        place: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: sealed, aad: place };
        ChaCha20Poly1305::new(&(*key).into()).decrypt(&nonce.into(), payload).ok().map(Zeroizing::new)
    }
}
