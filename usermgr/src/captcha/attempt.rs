//! What a verifier gets: the answer of a client, their address, and what they want to do.

use std::{fmt, net::IpAddr};

use zeroize::Zeroizing;

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal;)*) => {
        /// What a captcha can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// Returns the name in events, such as `login`. It suits services that know an action by a name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }
        }
    };
}

actions! {
    /// A registration.
    Register = "register";
    /// A login with a password, through any backend.
    Login = "login";
    /// A request for the mail that resets a password.
    ForgotPassword = "forgot_password";
    /// A request for the mail that verifies an address.
    RequestVerify = "request_verify";
    /// A request for the mail of a login.
    RequestLogin = "request_login";
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An answer to be verified.
///
/// ```
/// use usermgr::captcha::{Action, Attempt};
/// let attempt = Attempt::new("blue", Action::Login).ip([192, 0, 2, 7].into());
/// assert_eq!(attempt.answer.expose(), "blue");
/// assert!(!format!("{attempt:?}").contains("blue"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// What the client has sent. It is not empty.
    pub answer: Answer,
    /// What the client wants to do.
    pub action: Action,
    /// The address of the client, if it is known.
    pub ip: Option<IpAddr>,
}

impl Attempt {
    /// Creates an attempt of a client without a known address, for the test of a verifier.
    pub fn new(answer: impl Into<Answer>, action: Action) -> Self {
        Self { answer: answer.into(), action, ip: None }
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn ip(self, ip: IpAddr) -> Self {
        Self { ip: Some(ip), ..self }
    }
}

/// The text that a client has sent as the answer to a captcha. `Debug` does not show it: while it works, it spares a
/// program the captcha. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Answer(Zeroizing<String>);

impl Answer {
    /// Returns the text, to verify it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(..)")
    }
}
