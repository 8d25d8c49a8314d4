//! What a row of the table of pages says: what a page shows, what its form does, and where that leads.

use std::fmt;

use super::fields::Field;
use crate::http::{Endpoint, Guard};

/// A page, for a framework that has no adapter here; see [`Front`](super::Front).
pub struct Page {
    /// Its name, under which an application replaces its template.
    pub(super) name: &'static str,
    /// Its path, with its parameter in braces.
    pub(super) path: &'static str,
    /// Who may open it and send its form.
    pub(super) guard: Option<Guard>,
    /// What a GET shows. Without it, the path takes forms of other pages alone.
    pub(super) shows: Option<Shows>,
    /// What a POST does.
    pub(super) does: Option<Does>,
    /// The part of the engine that it needs besides its route.
    pub(super) part: Option<&'static str>,
    /// The group of its texts: `pages.TEXTS.title`.
    pub(super) texts: &'static str,
    /// The pages to which it links, with the last part of the keys of the links.
    pub(super) links: &'static [(&'static str, &'static str)],
}

/// What a GET shows.
#[derive(Clone, Copy)]
pub(super) enum Shows {
    /// A form.
    Form(Form),
    /// A form for the token in the query, if the token is still good.
    Token(Form, Mailed),
    /// A form for one of the mails that were sent.
    CheckMail(Form),
    /// The account.
    Account,
    /// The profile.
    Profile,
    /// Where a sign-in ends: it leads on, if the browser has kept the cookie.
    SignedIn,
    /// The list of users.
    Users,
    /// A user.
    User,
    /// A form that asks before something is done to a user.
    AskFirst(Form),
    /// A form for the second factor of a sign-in that waits.
    SecondStep(Form),
    /// A form that signs in with a passkey alone.
    #[allow(dead_code, reason = "its row needs a feature")]
    PasskeySignIn,
    /// A form that offers a passkey.
    #[allow(dead_code, reason = "its row needs a feature")]
    OfferPasskey(Form),
    /// A form about the second factor in the path, or about all of the user.
    Factor(Form),
    /// A form about the API key in the path.
    Key(Form),
    /// A form for a new API key, with a box for each permission of the user.
    NewKey(Form),
    /// The mails that were given up.
    Undelivered,
    /// The invitations that were not accepted.
    Invitations,
    /// The page that changes a password, at the address that password managers know (W3C, a well-known URL for changing passwords).
    WellKnown,
    Style,
    Script,
}

/// A form.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) fields: &'static [Field],
    /// Whether it has the fields of the profile that a registration has.
    pub(super) has_profile: bool,
    /// Whether it has the buttons of providers.
    pub(super) has_providers: bool,
    /// Whether a passkey does the same.
    pub(super) has_passkey: bool,
    /// Whether it cannot be undone.
    pub(super) is_grave: bool,
}

/// The purpose of a token that was sent by mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mailed {
    Verify,
    Reset,
    ChangeEmail,
    Login,
    Invitation,
}

/// What a POST does: it asks a route, and leads on.
#[derive(Clone, Copy)]
pub(super) struct Does {
    /// The route. [`Sends::Again`] chooses it by the kind of the mail.
    pub(super) asks: Endpoint,
    pub(super) sends: Sends,
    pub(super) then: Then,
    /// The notice on the next page.
    pub(super) done: Option<&'static str>,
}

/// What a route gets.
#[derive(Clone, Copy)]
pub(super) enum Sends {
    Nothing,
    /// Fields: their names in JSON, and in the form.
    Fields(&'static [(&'static str, &'static str)]),
    /// The same with the fields of the profile.
    Register(&'static [(&'static str, &'static str)]),
    /// Fields with those of the profile that are filled in.
    Accept(&'static [(&'static str, &'static str)]),
    /// Fields with the request of this browser for a login by mail.
    WithRequest(&'static [(&'static str, &'static str)]),
    /// The fields of the profile.
    Profile,
    /// The address, to the route of the mail that is sent again.
    Again,
    /// Flags of a user.
    Flags(&'static [(&'static str, bool)]),
    /// Fields, with the token of the sign-in that waits.
    Answer(&'static [(&'static str, &'static str)]),
    /// What a new API key is made from.
    Key,
    /// What confirms an authenticator app.
    #[allow(dead_code, reason = "its rows need a feature")]
    Confirmation,
    /// The answer of a passkey, with what the row names beside it.
    #[allow(dead_code, reason = "its rows need a feature")]
    Credential(&'static [(&'static str, &'static str)]),
    /// Where the provider leads back.
    #[allow(dead_code, reason = "its rows need a feature")]
    Provider,
}

/// Where a person gets.
#[derive(Clone, Copy)]
pub(super) enum Then {
    /// Where they came from, signed in.
    SignedIn,
    /// To the page that asks them to look into their mail.
    CheckMail(Mailed),
    /// To a page.
    Page(&'static str),
    /// To the page of the user in the path.
    User,
    /// To the account, or to the sign-in if they are not signed in.
    AccountOrSignIn,
    /// To a provider.
    #[allow(dead_code, reason = "its rows need a feature")]
    Leave,
    /// To the picture of an authenticator app, in the answer to the form: it must not be in an address.
    #[allow(dead_code, reason = "its rows need a feature")]
    SetUp,
    /// To the page on which the browser makes a passkey, in the answer to the form: its token must not be in an address.
    #[allow(dead_code, reason = "its rows need a feature")]
    MakePasskey,
    /// To the recovery codes, in the answer to the form: they are kept nowhere.
    Codes,
    /// To the new API key, in the answer to the form: it is kept nowhere.
    Key,
}

pub(super) const fn form(fields: &'static [Field]) -> Form {
    Form { fields, has_profile: false, has_providers: false, has_passkey: false, is_grave: false }
}

/// How a row is written.
impl Page {
    pub(super) const fn new(name: &'static str, path: &'static str, texts: &'static str) -> Self {
        Self { name, path, guard: None, shows: None, does: None, part: None, texts, links: &[] }
    }

    pub(super) const fn shows(self, shows: Shows) -> Self {
        Self { shows: Some(shows), ..self }
    }

    pub(super) const fn does(self, asks: Endpoint, sends: Sends, then: Then) -> Self {
        Self { does: Some(Does { asks, sends, then, done: None }), ..self }
    }

    pub(super) const fn done(self, done: &'static str) -> Self {
        let does = match self.does {
            Some(does) => Some(Does { done: Some(done), ..does }),
            None => None,
        };
        Self { does, ..self }
    }

    pub(super) const fn guard(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    pub(super) const fn needs(self, part: &'static str) -> Self {
        Self { part: Some(part), ..self }
    }

    pub(super) const fn links(self, links: &'static [(&'static str, &'static str)]) -> Self {
        Self { links, ..self }
    }

    /// Returns the path, with its parameter in braces.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Returns whether its form registers a user.
    pub(super) fn registers(&self) -> bool {
        self.does.is_some_and(|does| does.asks == Endpoint::Register)
    }

    /// Returns whether a GET shows something.
    pub fn is_shown(&self) -> bool {
        self.shows.is_some()
    }

    /// Returns whether a POST does something.
    pub fn takes_forms(&self) -> bool {
        self.does.is_some()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}
