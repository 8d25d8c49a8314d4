//! Where we answer otherwise than FastAPI Users 15.0.5, and why. There is no other difference.

use crate::answer::Difference;

/// A difference that is meant to be.
#[derive(Debug)]
pub(crate) struct Allowed {
    /// The steps, by the beginning of their names; an empty text is every step.
    step: &'static str,
    /// The part of the answer; `[]` stands for any place in a list.
    part: &'static str,
    /// What they have; `..` is anything.
    theirs: &'static str,
    ours: &'static str,
    #[expect(dead_code, reason = "for readers of the table and of failures")]
    reason: &'static str,
}

impl Allowed {
    pub(crate) fn covers(&self, found: &Difference) -> bool {
        let part: String = found.part.split(|c: char| c.is_ascii_digit()).collect();
        let same = |listed: &str, found: &str| listed == ".." || listed == found;
        found.step.starts_with(self.step)
            && part == self.part
            && same(self.theirs, &found.theirs)
            && same(self.ours, &found.ours)
    }
}

/// How many mails of ours to wait for where theirs are these.
pub(crate) fn our_mails(allowed: &[Allowed], step: &str, theirs: &[String]) -> usize {
    let listed = allowed.iter().find(|row| row.part == "mails" && step.starts_with(row.step));
    match listed.map(|row| row.ours) {
        None => theirs.len(),
        Some("-") => 0,
        Some(mails) => mails.split(", ").count(),
    }
}

const fn differ(
    step: &'static str,
    part: &'static str,
    theirs: &'static str,
    ours: &'static str,
    reason: &'static str,
) -> Allowed {
    Allowed { step, part, theirs, ours, reason }
}

const CREATED_AT: Allowed = differ("", "body.created_at", "-", "a text", "a user shows when the account was made");
const INPUT: Allowed =
    differ("", "body.detail[].input", "..", "-", "a refusal never repeats what was sent: it may be a password");
const PAIR: Allowed =
    differ("login: ", "body.refresh_token", "-", "..", "the server's tokens are a pair, of which one renews the other");
const EXPIRES_IN: Allowed =
    differ("login: ", "body.expires_in", "-", "..", "the client of a pair learns when to renew the token");
const CHALLENGE: Allowed = differ("", "www-authenticate", "-", "Bearer", "RFC 9110 demands a challenge with a 401");

const REASON_CODE: Allowed =
    differ("", "body.detail.reason_code", "-", "a text", "a front end can say the reason in another language");
const REASON_LIMIT: Allowed =
    differ("", "body.detail.reason_limit", "-", "a text", "a front end can say the reason in another language");

/// Why a body of another media type is refused before it is read.
const MEDIA: &str = "JSON is demanded where JSON is read; a form from another site needs no leave to be sent";
/// Why there is a mail more.
const NOTIFIED: &str = "the owner of the address is notified";
const TWICE: &str = "a field given twice is refused: two readers could take two different ones";
const ONE_ADDRESS: &str = "one plain address, without a name before it";
const POLICY: &str = "the policy refuses common passwords and the address itself";
const CAP: &str = "a password may have 1024 bytes, so that no request makes the server hash a megabyte";
const ONE_USER: &str = "the valid credentials of a request must belong to one user";
const CLEARED: &str = "fastapiusersauth=; httponly; max-age=0; path=/; samesite=lax; secure";
const DEAD: &str = "an invalid cookie is removed, and a logout by cookie removes it for every caller";
const HEAD: &str = "a route that answers GET answers HEAD";
const SLASH: &str = "a path with a slash at its end is another path";
const STAMP: &str = "another password ends what was logged in before";
const BOUND: &str = "a reset token is bound to the address and to the account's stamp";
const FLAGS: &str = "what only a superuser may set is not read at all";

pub(crate) const ALWAYS: &[Allowed] = &[
    CREATED_AT,
    INPUT,
    CHALLENGE,
    PAIR,
    EXPIRES_IN,
    REASON_CODE,
    REASON_LIMIT,
    differ("me: the token that was logged out", "status", "200", "401 Unauthorized", "a logout ends the session"),
    differ("register: a name before", "status", "201", "422 value_error body.email", ONE_ADDRESS),
    differ("register: a name before", "mails", "register to ann@example.com", "-", ONE_ADDRESS),
    differ("register: a form", "status", "422 model_attributes_type body", "415 Unsupported Media Type", MEDIA),
    differ("register: text", "status", "422 model_attributes_type body", "415 Unsupported Media Type", MEDIA),
    differ("register: a taken address", "mails", "-", "duplicate_register to ada@example.com", NOTIFIED),
    differ("register: an invalid flag", "status", "422 bool_parsing body.is_superuser", "201", FLAGS),
    differ("register: an invalid flag", "mails", "-", "register to victor@example.com", FLAGS),
    differ("register: a field twice", "status", "201", "422 value_error body", TWICE),
    differ("register: a field twice", "mails", "register to dana@example.com", "-", TWICE),
    differ("register: a common password", "status", "201", "400 REGISTER_INVALID_PASSWORD", POLICY),
    differ("register: a common password", "mails", "register to erin@example.com", "-", POLICY),
    differ("register: the address as password", "status", "201", "400 REGISTER_INVALID_PASSWORD", POLICY),
    differ("register: the address as password", "mails", "register to frank@example.com", "-", POLICY),
    differ("register: a password of 2000", "status", "201", "400 REGISTER_INVALID_PASSWORD", CAP),
    differ("register: a password of 2000", "mails", "register to heidi@example.com", "-", CAP),
    differ("login: a name twice", "status", "200", "422 value_error body", TWICE),
    differ(
        "login: JSON",
        "status",
        "422 missing body.username, missing body.password",
        "200",
        "a login may be JSON too",
    ),
    differ(
        "login: text",
        "status",
        "422 missing body.username, missing body.password",
        "415 Unsupported Media Type",
        MEDIA,
    ),
    differ("me: a token and a cookie of two", "status", "200", "401 Unauthorized", ONE_USER),
    differ("me: an invalid cookie", "set-cookie", "-", CLEARED, DEAD),
    differ("me: a good token beside", "set-cookie", "-", CLEARED, DEAD),
    differ("logout: a cookie without a session", "status", "401 Unauthorized", "204", DEAD),
    differ("me: the head alone", "status", "405", "200", HEAD),
    differ("me: the head alone, anonymous", "status", "405", "401", HEAD),
    differ("me: with a slash", "status", "307", "404 Not Found", SLASH),
    differ("patch me: null as address", "status", "500", "422 string_type body.email", "a null is no address"),
    differ("patch me: a form", "status", "422 model_attributes_type body", "415 Unsupported Media Type", MEDIA),
    differ("patch me: an invalid flag", "status", "422 bool_parsing body.is_active", "200", FLAGS),
    differ("patch me: another address", "mails", "-", "email_changed to bob@example.com", NOTIFIED),
    differ("patch me: by cookie", "mails", "-", "email_changed to bobby@example.com", NOTIFIED),
    differ(
        "patch me: the own address in capitals",
        "status",
        "400 UPDATE_USER_EMAIL_ALREADY_EXISTS",
        "200",
        "one's own address is not taken",
    ),
    differ("patch me: another password", "mails", "-", "change_password to Grace@example.com", NOTIFIED),
    differ("me: the token from before", "status", "200", "401 Unauthorized", STAMP),
    differ("verify: text", "status", "422 missing body.token", "415 Unsupported Media Type", MEDIA),
    differ("patch me: another address is not verified", "mails", "-", "email_changed to carol@example.com", NOTIFIED),
    differ("patch me: mallory's", "mails", "-", "email_changed to mallory@example.com", NOTIFIED),
    differ("reset: the token for", "status", "200", "400 RESET_PASSWORD_BAD_TOKEN", BOUND),
    differ("reset: the token for", "mails", "reset to mal@example.com", "-", BOUND),
    differ("user: the head alone", "status", "405", "200", HEAD),
    differ("patch user: null as address", "status", "500", "422 string_type body.email", "a null is no address"),
    differ("patch user: null as flag", "status", "500", "422 bool_type body.is_active", "a null is no flag"),
    differ("patch user: a password", "mails", "-", "change_password to trent@example.com", NOTIFIED),
    differ("patch user: an address is", "mails", "-", "email_changed to trent@example.com", NOTIFIED),
    differ("patch user: an address and", "mails", "-", "email_changed to trenton@example.com", NOTIFIED),
    differ("reset: a token from before", "status", "200", "400 RESET_PASSWORD_BAD_TOKEN", BOUND),
    differ("reset: a token from before", "mails", "reset to trent@example.com", "-", BOUND),
    differ("patch user: the last", "status", "200", "400 LAST_SUPERUSER", "at least one superuser must remain"),
    differ("me: the cookie that was", "status", "200", "401 Unauthorized", "a session in the database ends at logout"),
    differ("edge: register with a slash", "status", "307", "404 Not Found", SLASH),
    differ("edge: login with a slash", "status", "307", "404 Not Found", SLASH),
    differ("edge: the users", "status", "404 Not Found", "200", "superusers can list the users"),
    differ(
        "edge: the users posted",
        "status",
        "404 Not Found",
        "405 Method Not Allowed",
        "superusers can list the users",
    ),
];

pub(crate) const VERIFIED: &[Allowed] = &[
    CREATED_AT,
    INPUT,
    CHALLENGE,
    PAIR,
    EXPIRES_IN,
    differ("patch me: another address", "mails", "-", "email_changed to ada@example.com", NOTIFIED),
];
