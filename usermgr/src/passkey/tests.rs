//! The verifier over webauthn-rs against an authenticator that lies: what it makes, and what it refuses.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{PasskeyRefused, PasskeyUser, PasskeyVerifier, StoredPasskey, UsedPasskey, WebauthnRs};
use crate::testing::FakeAuthenticator;

const ORIGIN: &str = "https://shop.example";
const HANDLE: [u8; 16] = [7; 16];

fn verifier() -> WebauthnRs {
    WebauthnRs::new("shop.example", [ORIGIN, "https://www.shop.example:8443"]).unwrap().name("Shop")
}

fn user() -> PasskeyUser<'static> {
    PasskeyUser::new(&HANDLE, "ada@example.com")
}

/// Registers a passkey.
fn made(verifier: &WebauthnRs, phone: &mut FakeAuthenticator) -> Result<StoredPasskey, PasskeyRefused> {
    let begun = verifier.register(&user(), &[]).unwrap();
    let new = verifier.registered(&begun.state, &phone.create(&begun.options).unwrap())?;
    Ok(StoredPasskey::new(new.id, new.data).transports(vec!["internal".into()]))
}

/// Answers with a passkey.
fn used(
    verifier: &WebauthnRs,
    phone: &mut FakeAuthenticator,
    stored: &StoredPasskey,
) -> Result<UsedPasskey, PasskeyRefused> {
    let begun = verifier.authenticate(&[]).unwrap();
    verifier.authenticated(&begun.state, &phone.get(&begun.options).unwrap(), stored)
}

fn registered(change: impl FnOnce(&mut FakeAuthenticator)) -> Result<(), PasskeyRefused> {
    let mut phone = FakeAuthenticator::new(ORIGIN);
    change(&mut phone);
    made(&verifier(), &mut phone).map(drop)
}

fn authenticated(change: impl FnOnce(&mut FakeAuthenticator)) -> Result<UsedPasskey, PasskeyRefused> {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let stored = made(&verifier, &mut phone).unwrap();
    change(&mut phone);
    used(&verifier, &mut phone, &stored)
}

#[test]
fn a_passkey_is_made_and_used() {
    registered(|_| ()).unwrap();
    let used = authenticated(|_| ()).unwrap();
    assert!(used.is_user_verified && used.is_backed_up);
    authenticated(|phone| phone.open("https://www.shop.example:8443")).unwrap();
}

#[test]
fn the_options_make_passkeys_discoverable_and_say_no_more_than_is_needed() {
    let verifier = verifier();
    let known = [StoredPasskey::new([1, 2], "").transports(vec!["usb".into()]), StoredPasskey::new([3], "")];
    let listed =
        json!([{ "type": "public-key", "id": "AQI", "transports": ["usb"] }, { "type": "public-key", "id": "Aw" }]);

    let options = verifier.register(&user(), &known).unwrap().options;
    let public = &options["publicKey"];
    assert_eq!(public["rp"], json!({ "id": "shop.example", "name": "Shop" }));
    assert_eq!(public["user"]["id"], URL_SAFE_NO_PAD.encode(HANDLE));
    assert_eq!(public["user"]["name"], "ada@example.com");
    assert_eq!(public["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(public["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(public["attestation"], "none");
    assert_eq!(public["excludeCredentials"], listed);

    let strict = WebauthnRs::new("shop.example", [ORIGIN]).unwrap().discoverable_only(true);
    let options = strict.register(&user(), &[]).unwrap().options;
    assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["requireResidentKey"], true);

    let options = verifier.authenticate(&known).unwrap().options;
    assert_eq!(options["publicKey"]["allowCredentials"], listed);
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["rpId"], "shop.example");
    assert_eq!(options.get("mediation"), None, "a page with a button is not answered by the form's own suggestions");
}

#[test]
fn pk1_a_challenge_is_new_and_long_and_answered_by_its_own_answer_alone() {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let [one, other] = [0; 2].map(|_| verifier.register(&user(), &[]).unwrap());
    let answer = phone.create(&one.options).unwrap();
    assert_eq!(verifier.registered(&other.state, &answer), Err(PasskeyRefused::Challenge));
    let new = verifier.registered(&one.state, &answer).unwrap();
    let stored = StoredPasskey::new(new.id, new.data);

    let [one, other] = [0; 2].map(|_| verifier.authenticate(&[]).unwrap());
    let challenge =
        |options: &Value| URL_SAFE_NO_PAD.decode(options["publicKey"]["challenge"].as_str().unwrap()).unwrap();
    assert!(challenge(&one.options).len() >= 16);
    assert_ne!(challenge(&one.options), challenge(&other.options));
    let answer = phone.get(&one.options).unwrap();
    assert_eq!(verifier.authenticated(&other.state, &answer, &stored), Err(PasskeyRefused::Challenge));
    verifier.authenticated(&one.state, &answer, &stored).unwrap();
    // A state of one ceremony is not one of the other.
    let begun = verifier.register(&user(), &[]).unwrap();
    assert_eq!(verifier.authenticated(&begun.state, &answer, &stored), Err(PasskeyRefused::Malformed));
}

#[test]
fn pk2_type_origin_and_relying_party_are_exact() {
    for origin in [
        "https://shop.example:8443",
        "https://www.shop.example",
        "https://a.shop.example",
        "https://shop.example.",
        "https://SHOP.example",
        "https://shop.example/",
        "https://shop.example:443",
        "http://shop.example",
        "https://evil.example",
        "null",
        "",
    ] {
        assert_eq!(registered(|phone| phone.open(origin)), Err(PasskeyRefused::Origin), "{origin}");
        assert_eq!(authenticated(|phone| phone.open(origin)), Err(PasskeyRefused::Origin), "{origin}");
    }
    for (field, value, why) in [
        ("crossOrigin", json!(true), PasskeyRefused::Origin),
        ("topOrigin", json!(ORIGIN), PasskeyRefused::Origin),
        ("type", json!("payment.get"), PasskeyRefused::Challenge),
        ("origin", json!([ORIGIN]), PasskeyRefused::Malformed),
    ] {
        assert_eq!(registered(|phone| phone.set_client_data(field, value.clone())), Err(why), "{field}");
        assert_eq!(authenticated(|phone| phone.set_client_data(field, value.clone())), Err(why), "{field}");
    }
    assert_eq!(
        registered(|phone| phone.set_client_data("type", json!("webauthn.get"))),
        Err(PasskeyRefused::Challenge)
    );
    assert_eq!(registered(|phone| phone.set_rp_id("www.shop.example")), Err(PasskeyRefused::RelyingParty));
    assert_eq!(authenticated(|phone| phone.set_rp_id("example")), Err(PasskeyRefused::RelyingParty));
}

#[test]
fn pk2_an_origin_that_no_passkey_could_be_used_on_is_refused_at_the_start() {
    let fault =
        |rp_id: &str, origins: &[&str]| WebauthnRs::new(rp_id, origins.iter().copied()).unwrap_err().to_string();
    for (rp_id, origin) in [
        ("shop.example", "https://shop.example"),
        ("shop.example", "https://a.b.shop.example:8443"),
        ("localhost", "http://localhost:3000"),
        ("localhost", "http://app.localhost:3000"),
        ("localhost", "https://localhost"),
    ] {
        assert!(WebauthnRs::new(rp_id, [origin]).is_ok(), "{rp_id} {origin}");
    }
    for (rp_id, origin, why) in [
        ("shop.example", "https://other.example", "not of the relying party"),
        ("shop.example", "https://myshop.example", "not of the relying party"),
        ("www.shop.example", "https://shop.example", "not of the relying party"),
        ("shop.example", "http://shop.example", "use https"),
        ("localhost", "http://127.0.0.1:3000", "use https"),
        ("shop.example", "https://shop.example/", "has a path"),
        ("shop.example", "https://*.shop.example", "patterns are not supported"),
        ("example", "https://shop.example", "is not a domain"),
        ("127.0.0.1", "https://127.0.0.1", "is not a domain"),
        ("https://shop.example", "https://shop.example", "is not a domain"),
        ("Shop.example", "https://shop.example", "is not a domain"),
        ("", "https://shop.example", "is not a domain"),
    ] {
        let text = fault(rp_id, &[origin]);
        assert!(text.contains(why), "{rp_id} {origin}: {text}");
    }
    assert!(fault("shop.example", &[]).contains("there is no origin"));
    let both = fault("example", &["http://a.example", "https://b"]);
    assert!(both.contains("use https") && both.contains("`https://b` is not of"), "{both}");
}

#[test]
fn pk3_the_user_is_verified_whatever_the_client_asked_for() {
    assert_eq!(registered(|phone| phone.verifies(false)), Err(PasskeyRefused::UserNotVerified));
    assert_eq!(authenticated(|phone| phone.verifies(false)), Err(PasskeyRefused::UserNotVerified));
}

#[test]
fn pk4_a_counter_grows_unless_it_is_always_zero() {
    let (verifier, mut key) = (verifier(), FakeAuthenticator::new(ORIGIN));
    key.set_counter(5);
    let mut stored = made(&verifier, &mut key).unwrap();
    stored.data = used(&verifier, &mut key, &stored).unwrap().data;
    // The key has counted to six.
    for (counter, refused) in [(5, true), (3, true), (0, true), (6, false)] {
        key.set_counter(counter);
        let outcome = used(&verifier, &mut key, &stored);
        assert_eq!(outcome.as_ref().err(), refused.then_some(&PasskeyRefused::CounterSetBack), "{counter}");
    }
    let (mut phone, mut stored) = (FakeAuthenticator::new(ORIGIN), None);
    for _ in 0..3 {
        let stored = stored.get_or_insert_with(|| made(&verifier, &mut phone).unwrap());
        stored.data = used(&verifier, &mut phone, stored).unwrap().data;
    }
}

#[test]
fn pk4_a_counter_says_nothing_about_an_answer_that_is_not_signed() {
    let (verifier, mut key) = (verifier(), FakeAuthenticator::new(ORIGIN));
    key.set_counter(5);
    let stored = made(&verifier, &mut key).unwrap();
    key.set_counter(1);
    let begun = verifier.authenticate(&[]).unwrap();
    let mut answer = key.get(&begun.options).unwrap();
    flip(&mut answer, "signature", 12);
    assert_ne!(verifier.authenticated(&begun.state, &answer, &stored), Err(PasskeyRefused::CounterSetBack));
}

#[test]
fn pk5_an_answer_of_another_passkey_is_refused() {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let [one, other] = [0; 2].map(|_| made(&verifier, &mut phone).unwrap());
    // The newest one answers.
    assert_eq!(used(&verifier, &mut phone, &one), Err(PasskeyRefused::Signature));
    used(&verifier, &mut phone, &other).unwrap();
    // The id of the one, the key of the other.
    let mixed = StoredPasskey::new(other.id, one.data);
    assert_eq!(used(&verifier, &mut phone, &mixed), Err(PasskeyRefused::Signature));
}

#[test]
fn pk6_the_state_of_backup_may_change_and_the_eligibility_not() {
    let used = authenticated(|phone| phone.set_backup(true, false)).unwrap();
    assert!(!used.is_backed_up);
    assert_eq!(authenticated(|phone| phone.set_backup(false, false)), Err(PasskeyRefused::BackupChanged));
    assert_eq!(authenticated(|phone| phone.set_backup(false, true)), Err(PasskeyRefused::BackupChanged));
    assert_eq!(registered(|phone| phone.set_backup(false, true)), Err(PasskeyRefused::BackupChanged));
    let (verifier, mut key) = (verifier(), FakeAuthenticator::new(ORIGIN));
    key.set_backup(false, false);
    let stored = made(&verifier, &mut key).unwrap();
    key.set_backup(true, true);
    assert_eq!(self::used(&verifier, &mut key, &stored), Err(PasskeyRefused::BackupChanged));
}

#[test]
fn pk7_the_algorithms_are_a_fixed_list_and_another_is_refused() {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let begun = verifier.register(&user(), &[]).unwrap();
    let offered = begun.options["publicKey"]["pubKeyCredParams"].as_array().unwrap();
    let offered: Vec<_> = offered.iter().map(|offer| offer["alg"].as_i64().unwrap()).collect();
    assert_eq!(offered, [-7, -35, -257], "ES256, ES384, RS256");
    let answer = phone.create(&begun.options).unwrap();
    // The state offers ES384 alone, and the key is ES256.
    let mut state: Value = serde_json::from_str(&begun.state).unwrap();
    state["rs"]["credential_algorithms"] = json!(["ES384"]);
    assert_eq!(verifier.registered(&state.to_string(), &answer), Err(PasskeyRefused::Algorithm));
    verifier.registered(&begun.state, &answer).unwrap();
}

#[test]
fn what_is_kept_is_small_and_has_no_certificate() {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let stored = made(&verifier, &mut phone).unwrap();
    assert!(stored.data.len() < 1024, "{}", stored.data);
    let state = verifier.authenticate(&[stored]).unwrap().state;
    assert!(state.len() < 256, "{state}");
}

/// Flips a bit of a part of the response.
fn flip(answer: &mut Value, part: &str, bit: usize) {
    let mut bytes = URL_SAFE_NO_PAD.decode(answer["response"][part].as_str().unwrap()).unwrap();
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    answer["response"][part] = json!(URL_SAFE_NO_PAD.encode(bytes));
}

/// Any JSON, with the names that a parser looks for.
fn json_of_any_shape() -> impl Strategy<Value = Value> {
    let names = "id|rawId|type|response|clientDataJSON|attestationObject|authenticatorData|signature|userHandle|rs|ast|[a-z]{0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| json!(URL_SAFE_NO_PAD.encode(bytes))),
        Just(json!("public-key")),
        Just(json!(
            URL_SAFE_NO_PAD.encode(r#"{"type":"webauthn.get","challenge":"AA","origin":"https://shop.example"}"#)
        )),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn pk9_no_json_makes_it_panic(answer in json_of_any_shape(), state in json_of_any_shape(), text in "\\PC*") {
        let verifier = verifier();
        let state = state.to_string();
        let stored = StoredPasskey::new([1], text.clone());
        for state in [&state, &text] {
            prop_assert!(verifier.registered(state, &answer).is_err());
            prop_assert!(verifier.authenticated(state, &answer, &stored).is_err());
        }
        super::answer::named(&answer);
        super::answer::transports(&answer);
    }

    #[test]
    fn pk9_no_bit_of_an_answer_can_be_flipped(bit in any::<usize>()) {
        let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
        let stored = made(&verifier, &mut phone).unwrap();
        let begun = verifier.authenticate(&[]).unwrap();
        let answer = phone.get(&begun.options).unwrap();
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            let mut flipped = answer.clone();
            flip(&mut flipped, part, bit);
            prop_assert!(verifier.authenticated(&begun.state, &flipped, &stored).is_err(), "{part}");
        }
        prop_assert!(verifier.authenticated(&begun.state, &answer, &stored).is_ok());
    }

    /// A registration is not signed, so a flipped bit may make another key. It must not make a panic.
    #[test]
    fn pk9_no_bytes_of_a_registration_make_it_panic(
        bits in prop::collection::vec(any::<usize>(), 1..4), cut in any::<usize>(), tail in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
        let begun = verifier.register(&user(), &[]).unwrap();
        let answer = phone.create(&begun.options).unwrap();
        let mut flipped = answer.clone();
        for bit in bits {
            flip(&mut flipped, "attestationObject", bit);
        }
        let _ = verifier.registered(&begun.state, &flipped);
        let whole = URL_SAFE_NO_PAD.decode(answer["response"]["attestationObject"].as_str().unwrap()).unwrap();
        let mut cut = whole[..cut % whole.len()].to_vec();
        cut.extend(tail);
        let mut shortened = answer;
        shortened["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(cut));
        let _ = verifier.registered(&begun.state, &shortened);
    }
}

#[test]
fn pk9_nested_bytes_end_before_the_stack() {
    let (verifier, mut phone) = (verifier(), FakeAuthenticator::new(ORIGIN));
    let begun = verifier.register(&user(), &[]).unwrap();
    let mut answer = phone.create(&begun.options).unwrap();
    // CBOR arrays of one array each, as deep as a body allows.
    for opening in [0x81, 0x9f, 0xd8, 0xa1] {
        answer["response"]["attestationObject"] = json!(URL_SAFE_NO_PAD.encode(vec![opening; 40_000]));
        assert_eq!(verifier.registered(&begun.state, &answer), Err(PasskeyRefused::Malformed));
    }
}
