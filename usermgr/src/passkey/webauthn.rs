//! Verification by webauthn-rs, with what that crate leaves to its user: origins are compared as texts, frames of other
//! origins are refused, passkeys are made discoverable, and certificates of devices are not kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AttestationFormat, Credential, CredentialID, DiscoverableAuthentication, ParsedAttestation, Passkey,
    PasskeyRegistration, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::{
    answer::LONGEST_ID,
    verifier::{NewPasskey, PasskeyRefused, PasskeyUser, PasskeyVerifier, StoredPasskey, UsedPasskey},
};
use crate::{
    config_error::ConfigError,
    engine::Challenge,
    error::Fault,
    origin::{self, WebOrigin},
};

/// The verifier over [webauthn-rs](https://docs.rs/webauthn-rs), which is under the MPL-2.0 (feature `webauthn-rs`).
///
/// It demands that the authenticator verifies its user, at every registration and at every login. It asks for no
/// attestation and keeps none. Keys are ES256, ES384 or RS256.
///
/// ```
/// use usermgr::{Engine, MemoryStore, passkeys::{Passkeys, WebauthnRs}};
///
/// let verifier = WebauthnRs::new("shop.example", ["https://shop.example", "https://www.shop.example"])?.name("Shop");
/// let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Passkeys::new(verifier))?;
/// assert!(engine.has_part("passkeys"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct WebauthnRs {
    webauthn: Webauthn,
    rp_id: String,
    name: String,
    origins: Vec<String>,
    resident_key: &'static str,
}

impl WebauthnRs {
    /// Creates a verifier.
    ///
    /// - `rp_id`: the domain to which passkeys belong, such as `shop.example`. All existing passkeys are lost if it changes.
    /// - `origins`: the origins of the pages on which passkeys are made and used, each as browsers write it. Their hosts are
    ///   the domain or subdomains of it.
    ///
    /// # Errors
    /// [`ConfigError`] if there is no origin, if an origin is not of the domain, and if an origin is `http` of another
    /// machine: browsers offer passkeys only to secure pages (WebAuthn, 13.4.9). `http://localhost:3000` is allowed.
    ///
    /// ```
    /// use usermgr::passkeys::WebauthnRs;
    /// assert!(WebauthnRs::new("localhost", ["http://localhost:3000"]).is_ok());
    /// let foreign = WebauthnRs::new("shop.example", ["https://a.example"]).unwrap_err();
    /// assert!(foreign.to_string().contains("`https://a.example` is not of the relying party `shop.example`"));
    /// ```
    pub fn new<O: Into<String>>(rp_id: &str, origins: impl IntoIterator<Item = O>) -> Result<Self, ConfigError> {
        let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        let faults = faults(rp_id, &origins);
        if !faults.is_empty() {
            return Err(ConfigError::join(
                faults.into_iter().map(|why| ConfigError::new(format!("`WebauthnRs`: {why}"))),
            ));
        }
        let urls: Vec<Url> = origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
        let unusable = || ConfigError::new(format!("`WebauthnRs`: `{rp_id}` cannot be used with these origins"));
        let first = urls.first().ok_or_else(unusable)?;
        let builder = WebauthnBuilder::new(rp_id, first).map_err(|_| unusable())?;
        let builder = urls[1..].iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        let webauthn = builder.build().map_err(|_| unusable())?;
        Ok(Self { webauthn, rp_id: rp_id.to_owned(), name: rp_id.to_owned(), origins, resident_key: "preferred" })
    }

    /// Sets the name of the application that authenticators may show. Default: the domain.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Asks for passkeys with which a user can log in without a name, alone. Default: `false`, so a security key without
    /// memory for it can still be a second factor.
    #[must_use]
    pub fn discoverable_only(self, wanted: bool) -> Self {
        Self { resident_key: if wanted { "required" } else { "preferred" }, ..self }
    }

    /// Checks where an answer was made. The crate compares parsed URLs, so other spellings of an origin would pass, and at
    /// a login it accepts frames of other origins.
    fn check_place(&self, answer: &Value) -> Result<(), PasskeyRefused> {
        /// Duplicate fields are refused, because a parser could believe the other one.
        #[derive(Deserialize)]
        struct ClientData {
            origin: String,
            #[serde(default, rename = "crossOrigin")]
            cross_origin: bool,
            #[serde(default, rename = "topOrigin")]
            top_origin: Option<Value>,
        }
        let text =
            answer.pointer("/response/clientDataJSON").and_then(Value::as_str).ok_or(PasskeyRefused::Malformed)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PasskeyRefused::Malformed)?;
        let client: ClientData = serde_json::from_slice(&bytes).map_err(|_| PasskeyRefused::Malformed)?;
        let is_ours = self.origins.contains(&client.origin);
        if is_ours && !client.cross_origin && client.top_origin.is_none() {
            Ok(())
        } else {
            Err(PasskeyRefused::Origin)
        }
    }
}

impl PasskeyVerifier for WebauthnRs {
    fn rp_id(&self) -> &str {
        &self.rp_id
    }

    fn register(&self, user: &PasskeyUser<'_>, known: &[StoredPasskey]) -> Result<Challenge, Fault> {
        let handle = Uuid::from_slice(user.handle).map_err(failed)?;
        let excluded: Vec<CredentialID> = known.iter().map(|passkey| passkey.id.clone()).collect();
        let begun = self.webauthn.start_passkey_registration(handle, user.name, user.name, Some(excluded));
        let (options, state) = begun.map_err(failed)?;
        let mut options = serde_json::to_value(options).map_err(failed)?;
        let public = &mut options["publicKey"];
        public["rp"]["name"] = json!(self.name);
        // The crate discourages it, and no login without a name would find the passkey.
        public["authenticatorSelection"]["residentKey"] = json!(self.resident_key);
        public["authenticatorSelection"]["requireResidentKey"] = json!(self.resident_key == "required");
        public["excludeCredentials"] = described(known);
        Ok(Challenge::new(options, serde_json::to_string(&state).map_err(failed)?))
    }

    fn registered(&self, state: &str, answer: &Value) -> Result<NewPasskey, PasskeyRefused> {
        self.check_place(answer)?;
        let state: PasskeyRegistration = read(serde_json::from_str(state))?;
        let passkey = self.webauthn.finish_passkey_registration(&read(from_value(answer))?, &state).map_err(refused)?;
        let mut credential = Credential::from(passkey);
        // Nothing was asked about the device, so nothing about it is kept.
        credential.attestation = ParsedAttestation::default();
        credential.attestation_format = AttestationFormat::None;
        let (id, is_backed_up) = (credential.cred_id.clone(), credential.backup_state);
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(PasskeyRefused::Malformed);
        }
        let data = read(serde_json::to_string(&Passkey::from(credential)))?;
        Ok(NewPasskey::new(id, data).backed_up(is_backed_up))
    }

    fn authenticate(&self, known: &[StoredPasskey]) -> Result<Challenge, Fault> {
        // The state has no passkeys in it: an answer is judged by the passkey as it is stored then.
        let (options, state) = self.webauthn.start_discoverable_authentication().map_err(failed)?;
        let public = serde_json::to_value(options.public_key).map_err(failed)?;
        // Without `mediation`, which the crate sets for every discoverable login.
        let mut options = json!({ "publicKey": public });
        options["publicKey"]["allowCredentials"] = described(known);
        Ok(Challenge::new(options, serde_json::to_string(&state).map_err(failed)?))
    }

    fn authenticated(
        &self,
        state: &str,
        answer: &Value,
        stored: &StoredPasskey,
    ) -> Result<UsedPasskey, PasskeyRefused> {
        self.check_place(answer)?;
        let state: DiscoverableAuthentication = read(serde_json::from_str(state))?;
        let mut passkey: Passkey = serde_json::from_str(&stored.data).map_err(|_| PasskeyRefused::Unreadable)?;
        if passkey.cred_id().as_slice() != stored.id {
            return Err(PasskeyRefused::Signature);
        }
        let answer = read(from_value(answer))?;
        let result = self.webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey).map_err(refused)?;
        passkey.update_credential(&result).ok_or(PasskeyRefused::Signature)?;
        let data = read(serde_json::to_string(&passkey))?;
        Ok(UsedPasskey::new(data).backed_up(result.backup_state()).user_verified(result.user_verified()))
    }
}

/// The passkeys for the options, with the transports that their clients reported. The crate drops those.
fn described(known: &[StoredPasskey]) -> Value {
    let describe = |passkey: &StoredPasskey| {
        let mut described = json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(&passkey.id) });
        if !passkey.transports.is_empty() {
            described["transports"] = json!(passkey.transports);
        }
        described
    };
    known.iter().map(describe).collect()
}

fn from_value<T: serde::de::DeserializeOwned>(answer: &Value) -> Result<T, serde_json::Error> {
    T::deserialize(answer)
}

fn read<T>(outcome: Result<T, serde_json::Error>) -> Result<T, PasskeyRefused> {
    outcome.map_err(|_| PasskeyRefused::Malformed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::Crypto(error.into())
}

fn refused(error: WebauthnError) -> PasskeyRefused {
    match error {
        WebauthnError::MismatchedChallenge | WebauthnError::InvalidClientDataType => PasskeyRefused::Challenge,
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => PasskeyRefused::Origin,
        WebauthnError::InvalidRPIDHash => PasskeyRefused::RelyingParty,
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => PasskeyRefused::UserNotVerified,
        WebauthnError::CredentialAlteredAlgFromRequest => PasskeyRefused::Algorithm,
        WebauthnError::AuthenticationFailure | WebauthnError::CredentialNotFound => PasskeyRefused::Signature,
        WebauthnError::CredentialPossibleCompromise => PasskeyRefused::CounterSetBack,
        WebauthnError::CredentialBackupEligibilityInconsistent | WebauthnError::CredentialMayNotBeHardwareBound => {
            PasskeyRefused::BackupChanged
        }
        _ => PasskeyRefused::Malformed,
    }
}

/// What is wrong with a relying party and its origins.
fn faults(rp_id: &str, origins: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    if !is_domain(rp_id) {
        faults.push(format!("`{rp_id}` is not a domain: write it as in `shop.example`, or `localhost`"));
    }
    if origins.is_empty() {
        faults.push("there is no origin: name that of your pages, as in `https://shop.example`".to_owned());
    }
    faults.extend(origins.iter().filter_map(|origin| fault(rp_id, origin)));
    faults
}

fn fault(rp_id: &str, text: &str) -> Option<String> {
    if let Some(fault) = origin::fault(text) {
        return Some(fault);
    }
    let WebOrigin { scheme, host, .. } = WebOrigin::parse(text)?;
    let is_local = host == "localhost" || host.ends_with(".localhost");
    let is_secure = scheme == "https" || scheme == "http" && is_local;
    let is_of_it = host.strip_suffix(rp_id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    match (is_secure, is_of_it) {
        (true, true) => None,
        (true, false) => Some(format!("the origin `{text}` is not of the relying party `{rp_id}`")),
        (false, _) => Some(format!("browsers offer no passkeys to `{text}`: use https, or http of `localhost`")),
    }
}

/// Whether a text is a domain that browsers accept as a relying party: no address, and no top-level domain alone.
fn is_domain(text: &str) -> bool {
    let in_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(in_label);
    let labels: Vec<_> = text.split('.').collect();
    let is_name = labels.last().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
    is_name && labels.iter().all(|label| is_label(label)) && (labels.len() > 1 || text == "localhost")
}
