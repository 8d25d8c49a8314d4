//! An authenticator with its browser in the process of the test: it makes passkeys, answers with them, and lies on request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::keys;
use crate::token::provider::SELECTED;

/// The flags of authenticator data (WebAuthn, 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const NEW_KEY: u8 = 0x40;

/// An authenticator and a browser that shows a page of one origin: options of the routes go in, answers come out. Its
/// passkeys are discoverable, verify their user, and have no counter, as those of a phone.
///
/// ```
/// use usermgr::testing::FakeAuthenticator;
///
/// let mut phone = FakeAuthenticator::new("https://shop.example");
/// let options = serde_json::json!({ "publicKey": {
///     "rp": { "id": "shop.example" }, "user": { "id": "AAAA" }, "challenge": "AAAA",
/// } });
/// let answer = phone.create(&options).expect("the phone has no passkey of this user");
/// assert_eq!(answer["type"], "public-key");
/// ```
#[derive(Clone, Debug)]
pub struct FakeAuthenticator {
    origin: String,
    verifies: bool,
    eligible: bool,
    backed_up: bool,
    counter: u32,
    passkeys: Vec<Passkey>,
    made: usize,
    /// What is added to the client data, or replaced in it.
    client_data: Map<String, Value>,
    /// The relying party that is signed in place of the right one.
    rp_id: Option<String>,
    /// The id of the next passkey.
    next_id: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Passkey {
    id: Vec<u8>,
    rp_id: String,
    handle: Value,
    key: usize,
}

impl FakeAuthenticator {
    /// Creates an authenticator without passkeys, with a page of this origin.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            verifies: true,
            eligible: true,
            backed_up: true,
            counter: 0,
            passkeys: Vec::new(),
            made: 0,
            client_data: Map::new(),
            rp_id: None,
            next_id: None,
        }
    }

    /// Opens a page of another origin.
    pub fn open(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// Sets whether it verifies its user, whatever the options demand. Default: `true`.
    pub fn verifies(&mut self, verifies: bool) {
        self.verifies = verifies;
    }

    /// Sets the counter of the last use. From 1 on, each use adds one. Default: 0, and it stays 0.
    pub fn set_counter(&mut self, counter: u32) {
        self.counter = counter;
    }

    /// Sets whether passkeys can be backed up, and whether they are. Default: both.
    pub fn set_backup(&mut self, eligible: bool, backed_up: bool) {
        (self.eligible, self.backed_up) = (eligible, backed_up);
    }

    /// Sets a field of the client data, such as `crossOrigin`, or the `type`.
    pub fn set_client_data(&mut self, field: &str, value: Value) {
        self.client_data.insert(field.to_owned(), value);
    }

    /// Signs for this relying party in place of the right one.
    pub fn set_rp_id(&mut self, rp_id: &str) {
        self.rp_id = Some(rp_id.to_owned());
    }

    /// Gives the next passkey this id, such as one that another authenticator has given.
    pub fn set_next_id(&mut self, id: &[u8]) {
        self.next_id = Some(id.to_vec());
    }

    /// Returns the number of passkeys.
    pub fn passkeys(&self) -> usize {
        self.passkeys.len()
    }

    /// Forgets all passkeys.
    pub fn clear(&mut self) {
        self.passkeys.clear();
    }

    /// Makes a passkey, as `navigator.credentials.create` does. Returns `None` if one of the excluded passkeys is here.
    pub fn create(&mut self, options: &Value) -> Option<Value> {
        let public = &options["publicKey"];
        if self.passkeys.iter().any(|passkey| is_listed(&public["excludeCredentials"], passkey)) {
            return None;
        }
        let id = self.next_id.take().unwrap_or_else(|| {
            let mut id = vec![0; 32];
            getrandom::fill(&mut id).expect("random bytes");
            id
        });
        let rp_id = public["rp"]["id"].as_str().expect("options for a registration").to_owned();
        let passkey = Passkey { id, rp_id, handle: public["user"]["id"].clone(), key: self.made };
        self.made += 1;
        let mut data = self.data(&passkey, NEW_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(passkey.id.len()).expect("a short id").to_be_bytes());
        data.extend(&passkey.id);
        data.extend(public_key(passkey.key));
        // {"fmt": "none", "attStmt": {}, "authData": ..}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("short data").to_be_bytes());
        object.extend(&data);
        let client_data = self.client_data("webauthn.create", public);
        let answer = answer(
            &passkey,
            json!({
                "clientDataJSON": encoded(&client_data),
                "attestationObject": encoded(&object),
                "transports": ["internal", "hybrid"],
            }),
        );
        self.passkeys.push(passkey);
        Some(answer)
    }

    /// Answers with the newest passkey that fits, as `navigator.credentials.get` does. Returns `None` if there is none.
    pub fn get(&mut self, options: &Value) -> Option<Value> {
        let public = &options["publicKey"];
        let allowed = &public["allowCredentials"];
        let any = allowed.as_array().is_none_or(Vec::is_empty);
        let fits = |passkey: &&Passkey| public["rpId"] == *passkey.rp_id && (any || is_listed(allowed, passkey));
        let passkey = self.passkeys.iter().rev().find(fits)?.clone();
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(&passkey, 0);
        let client_data = self.client_data("webauthn.get", public);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        Some(answer(
            &passkey,
            json!({
                "clientDataJSON": encoded(&client_data),
                "authenticatorData": encoded(&data),
                "signature": encoded(&signature(passkey.key, &signed)),
                "userHandle": passkey.handle,
            }),
        ))
    }

    /// Authenticator data up to the counter.
    fn data(&self, passkey: &Passkey, more: u8) -> Vec<u8> {
        let Self { verifies, eligible, backed_up, .. } = *self;
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = PRESENT | flag(verifies, VERIFIED) | flag(eligible, ELIGIBLE) | flag(backed_up, BACKED_UP) | more;
        let mut data = Sha256::digest(self.rp_id.as_ref().unwrap_or(&passkey.rp_id)).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, public: &Value) -> Vec<u8> {
        let mut data = json!({ "type": kind, "challenge": public["challenge"], "origin": self.origin });
        for (field, value) in &self.client_data {
            data[field] = value.clone();
        }
        data.to_string().into_bytes()
    }
}

fn is_listed(list: &Value, passkey: &Passkey) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|listed| listed["id"] == encoded(&passkey.id)))
}

fn answer(passkey: &Passkey, response: Value) -> Value {
    let id = encoded(&passkey.id);
    json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The public key as COSE (RFC 9053, 7.1.1): an EC2 key of P-256 for ES256. It is the end of the private key's DER.
fn public_key(number: usize) -> Vec<u8> {
    let der = keys::der(number);
    let (x, y) = der[der.len() - 64..].split_at(32);
    [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20", y].concat()
}

/// A signature of ES256, as the DER that authenticators write.
fn signature(number: usize, message: &[u8]) -> Vec<u8> {
    let signer = (SELECTED.signer_factory)(&Algorithm::ES256, &EncodingKey::from_ec_der(&keys::der(number)));
    let signature = signer.expect("a key").try_sign(message).expect("a signature");
    let (r, s) = signature.split_at(32);
    let integers = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(integers.len()).expect("a short signature")], integers.as_slice()].concat()
}

/// A positive integer in DER: without zeros in front, but with one where the first bit is set.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let sign: &[u8] = if bytes.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    let length = u8::try_from(sign.len() + bytes.len()).expect("a short integer");
    [&[0x02, length], sign, bytes].concat()
}
