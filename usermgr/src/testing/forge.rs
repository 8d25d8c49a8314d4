//! Forged tokens: any claims go in, and a token comes out whose signature is valid, so that a manager must check its claims.

use std::error::Error;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    secret::Secret,
    token::{Keys, Purpose, Token},
};

/// Why a token could not be made: the secret is missing or too short, or the crypto library failed.
type Failure = Box<dyn Error + Send + Sync>;

/// Returns a token of a purpose with any claims, signed as by a manager with this root secret (or secret for that purpose).
/// The test chooses what is wrong with it: it has expired, it lacks a claim or has one of another type, it is for another audience
/// or another user. For a token with the wrong key, use another secret. For one of the wrong purpose, forge it for that purpose.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # use usermgr::{VerifyError, password::{Argon2Params, Argon2id}, prelude::*};
/// use serde_json::json;
/// use usermgr::{token::Verify, testing::forge};
///
/// const SECRET: &str = "only-for-an-example-0123456789abcdef";
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = SECRET)]
/// impl Accounts {}
///
/// # let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1)?);
/// # let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).hasher(hasher).build()?;
/// # let accounts = Accounts { engine };
/// # let cx = Context::default();
/// let ada = accounts.register(Register::new("ada@example.com", "correct horse battery"), &cx).await?;
/// let mut claims = json!({
///     "sub": ada.id, "email": ada.email, "aud": "usermgr:verify", "iat": 0, "exp": 4_102_444_800_u32, "jti": "any",
/// });
/// let stranger = forge::<Verify>(&Secret::new("another secret, also long enough"), &claims)?;
/// assert!(accounts.verify(&stranger, &cx).await.is_err());
/// claims["exp"] = json!(1);
/// assert!(accounts.verify(&forge(&Secret::new(SECRET), &claims)?, &cx).await.is_err());
/// claims["exp"] = json!(4_102_444_800_u32);
/// assert!(accounts.verify(&forge(&Secret::new(SECRET), &claims)?, &cx).await?.is_verified);
/// # Ok(()) }
/// ```
///
/// # Errors
/// The secret is not available or is too short.
pub fn forge<P: Purpose>(secret: &Secret, claims: &Value) -> Result<Token<P>, Failure> {
    signed(&Keys::derive::<P>(&secret.clone().into(), typ::<P>())?, claims)
}

fn signed<P: Purpose>(keys: &Keys, claims: &Value) -> Result<Token<P>, Failure> {
    Ok(keys.sign(claims)?.into())
}

fn typ<P: Purpose>() -> &'static str {
    P::TYP
}

/// Returns an access token with any claims, signed as by a backend with these keys ([`Jwt::keys`](crate::Jwt::keys); feature
/// `jwt-keys`).
///
/// ```no_run
/// use serde_json::json;
/// use usermgr::{token::{KeySet, SigningKey}, testing::forge_with_keys};
/// # fn example() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let keys = KeySet::new(SigningKey::es256("2026-11", std::fs::read("signing-2026-11.pem")?));
/// let token = forge_with_keys(keys, &json!({ "sub": "unknown" }))?;
/// # let _ = token;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A key is not valid for its algorithm.
#[cfg(feature = "jwt-keys")]
pub fn forge_with_keys(keys: crate::token::KeySet, claims: &Value) -> Result<Token<crate::token::Access>, Failure> {
    signed(&keys.into_keys(typ::<crate::token::Access>())?, claims)
}

/// Returns the same token without a signature: its header says `"alg": "none"` (RFC 7519, 6), but names the right key.
///
/// ```
/// use serde_json::json;
/// use usermgr::{token::Access, Secret, testing::forge_unsigned};
/// let token = forge_unsigned::<Access>(&Secret::new("only-for-an-example-0123456789abcdef"), &json!({ "sub": "1" }))?;
/// assert!(token.expose().ends_with('.'));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// # Errors
/// As [`forge`].
pub fn forge_unsigned<P: Purpose>(secret: &Secret, claims: &Value) -> Result<Token<P>, Failure> {
    let signed = forge::<P>(secret, claims)?;
    let mut header = part(signed.expose(), 0).ok_or("a token has a header")?;
    header["alg"] = "none".into();
    let [header, claims] = [&header, claims].map(|json| URL_SAFE_NO_PAD.encode(json.to_string()));
    Ok(format!("{header}.{claims}.").into())
}

/// Returns the claims of a token without checking them; `None` if it is not a JSON Web Token.
///
/// ```
/// use serde_json::json;
/// use usermgr::{token::Reset, Secret, testing::{claims_of, forge}};
/// let claims = json!({ "sub": "1" });
/// let token = forge::<Reset>(&Secret::new("only-for-an-example-0123456789abcdef"), &claims)?;
/// assert_eq!(claims_of(token.expose()), Some(claims));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
pub fn claims_of(token: &str) -> Option<Value> {
    part(token, 1)
}

fn part(token: &str, at: usize) -> Option<Value> {
    let json = URL_SAFE_NO_PAD.decode(token.split('.').nth(at)?).ok()?;
    serde_json::from_slice(&json).ok()
}
