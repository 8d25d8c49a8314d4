//! Key pairs for tests: of the fake provider and of the fake authenticator.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Private keys for tests only, as DER of PKCS#8.
const KEYS: [&str; 3] = [
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVYLFnQiWorN6K0wIxquwsb2yVng4VtGzKGJ9-l_AhYOhRANCAATuULgJn-lLM7tb6iHsokJh6sgihweun7ASzB_ClaYW2Y_4ZKObp_1F4QyB5nmoamNj4TClSPj0DJmBJ2ovZxzz",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrdJJSKF3QR21WqSfvOEqwR5XgOI4av53wjG6TBsTDIShRANCAATnfjmQBhNNlkK9XHUmCLd6jRo9sF8rY8IuIx0tDaD1IMWSHVHzILMrpomPo6fGYWiUU-qe-YkcTVI78F85mXii",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYzZdyPW2QJ7WdnWS-vVal3nxwcX3GN_bpRZfhjHesU2hRANCAAQgw_knHiAgVQNcj7saqfmwW8feVqBfmi9YAsoJDQIugHlLBq42kGQwsLmQfJkQbJWTNHBuqySlCtE6wPAAEqTQ",
];

/// A private key of P-256.
pub(super) fn der(number: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(KEYS[number % KEYS.len()]).unwrap_or_default()
}
