//! The fields of forms: rows of the shipped ones, and the fields of a profile that an application adds.

/// A field of the profile on the pages: a text. Its label is the text `pages.field.NAME`, which the application gives with
/// [`Pages::texts`](super::Pages::texts).
///
/// ```
/// use usermgr::pages::{Pages, ProfileField};
/// let pages = Pages::new("cookie")
///     .field(ProfileField::new("display_name").autocomplete("name"))
///     .field(ProfileField::new("company").autocomplete("organization").optional())
///     .texts("en", r#"{ "pages.field.display_name": "Your name", "pages.field.company": "Company" }"#);
/// # let _ = pages;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ProfileField {
    pub(super) name: String,
    pub(super) autocomplete: String,
    pub(super) is_required: bool,
}

impl ProfileField {
    /// Creates a field with the name that it has in JSON.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), autocomplete: "off".to_owned(), is_required: true }
    }

    /// Sets what browsers fill in (HTML, 4.10.18.7), as in `name`. Default: `off`.
    pub fn autocomplete(self, autocomplete: impl Into<String>) -> Self {
        Self { autocomplete: autocomplete.into(), ..self }
    }

    /// Lets users leave the field empty. It is then absent when they register, and `null` when they change it.
    pub fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }
}

/// A field of a shipped form.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The last part of the key of its label.
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) autocomplete: &'static str,
    /// The last part of the key of its hint.
    pub(super) hint: Option<&'static str>,
    pub(super) is_required: bool,
}

/// How a field is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Email,
    /// By which a user signs in: the address, or the user name where there are some.
    Identifier,
    /// A user name that a user chooses. Only an engine with user names has the field.
    NewUsername,
    /// Its value is never shown again.
    Password,
    Hidden,
    /// What a script fills in. It is never shown again.
    Answer,
    /// A name that the user gives something.
    Text,
    /// A code of an app or of a mail. It is never shown again, and neither is the next one.
    Digits,
    /// A number that stays as it was typed.
    Number,
    RecoveryCode,
    /// The address of the user, by which a password manager files the new password. It cannot be changed, and is not sent on.
    Username,
}

/// The field to which the codes of a captcha belong, whatever its name is in the form.
pub(super) const CAPTCHA: &str = "captcha";

/// What most fields have.
const USUAL: Field =
    Field { name: "", label: "", kind: Kind::Text, autocomplete: "off", hint: None, is_required: true };

pub(super) const EMAIL: Field =
    Field { name: "email", label: "email", kind: Kind::Email, autocomplete: "username", ..USUAL };
pub(super) const IDENTIFIER: Field = Field { kind: Kind::Identifier, ..EMAIL };
/// Browsers file the password under the address, which is in the same form.
pub(super) const NEW_USERNAME: Field = Field {
    name: "username",
    label: "username",
    kind: Kind::NewUsername,
    autocomplete: "nickname",
    hint: Some("username"),
    ..USUAL
};
pub(super) const NEW_EMAIL: Field =
    Field { label: "new_email", autocomplete: "email", hint: Some("new_email"), ..EMAIL };
/// The address of another person.
pub(super) const EMAIL_OF_OTHER: Field = Field { autocomplete: "off", ..EMAIL };
pub(super) const PASSWORD: Field =
    Field { name: "password", label: "password", kind: Kind::Password, autocomplete: "current-password", ..USUAL };
pub(super) const FIRST_PASSWORD: Field = Field { autocomplete: "new-password", hint: Some("password"), ..PASSWORD };
pub(super) const NEW_PASSWORD: Field = Field { label: "new_password", ..FIRST_PASSWORD };
pub(super) const CURRENT_PASSWORD: Field = Field { name: "current_password", label: "current_password", ..PASSWORD };
pub(super) const USERNAME: Field =
    Field { name: "username", label: "email", kind: Kind::Username, autocomplete: "username", ..USUAL };
pub(super) const MAIL_CODE: Field =
    Field { name: "code", label: "code", kind: Kind::Digits, autocomplete: "one-time-code", ..USUAL };
pub(super) const CODE: Field = Field { hint: Some("code"), ..MAIL_CODE };
pub(super) const RECOVERY_CODE: Field =
    Field { name: "code", label: "recovery_code", kind: Kind::RecoveryCode, ..USUAL };
pub(super) const LABEL: Field = Field { name: "label", label: "label", ..USUAL };
pub(super) const LABEL_OF_APP: Field = Field { hint: Some("label"), is_required: false, ..LABEL };
pub(super) const LABEL_OF_PASSKEY: Field = Field { hint: Some("passkey"), ..LABEL_OF_APP };
pub(super) const CREDENTIAL: Field = Field { kind: Kind::Answer, ..hidden("credential") };
pub(super) const LABEL_OF_KEY: Field = Field { hint: Some("label_of_key"), is_required: false, ..LABEL };
pub(super) const DAYS: Field =
    Field { name: "days", label: "days", kind: Kind::Number, hint: Some("days"), is_required: false, ..USUAL };
pub(super) const TOKEN: Field = hidden("token");
pub(super) const PENDING_TOKEN: Field = hidden("pending_token");
pub(super) const URI: Field = hidden("uri");
pub(super) const RETURN_TO: Field = hidden("return_to");
pub(super) const SENT: Field = hidden("sent");

const fn hidden(name: &'static str) -> Field {
    Field { name, kind: Kind::Hidden, ..USUAL }
}
