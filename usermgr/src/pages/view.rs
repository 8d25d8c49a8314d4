//! What a template gets: the contract of custom templates, which only grows.

mod administration;
mod factors;
mod keys;

use std::{collections::BTreeMap, fmt, ops::Deref, sync::Arc};

use serde::{Serialize, Serializer};

pub use administration::{
    InvitationRowView, InvitationsView, StateView, UndeliveredRowView, UndeliveredView, UserRowView, UserView,
    UsersView,
};
pub use factors::{FactorView, FactorsView, PasskeyView, PictureView, SetUpView};
pub use keys::{ApiKeyView, ApiKeysView};

use crate::presentation::BrandView;

/// One page, as a template sees it. Custom templates name these fields; unknown names are errors at the start. Later versions may add
/// fields, and remove none.
///
/// ```jinja
/// {% extends "layout.html" %}
/// {% block body %}
/// {% for line in lead %}<p>{{ line }}</p>{% endfor %}
/// {% if form %}{% include "_form.html" %}{% endif %}
/// {% endblock %}
/// ```
///
/// `Debug` shows only which page it is: the fields of a form may hold a token.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PageView {
    /// The name of the page, such as `sign-in`.
    pub page: &'static str,
    /// The names of the pages that are not left out.
    pub pages: Vec<&'static str>,
    /// The path below which the pages are: `/account`, with what stands before it.
    pub base: String,
    /// The language of the texts (RFC 5646).
    pub language: String,
    /// The direction of the language: `ltr` or `rtl`.
    pub direction: String,
    /// The languages to choose from. Empty if there is one only.
    pub languages: Vec<LanguageView>,
    /// The title, and the only heading of the first level.
    pub title: String,
    /// The paragraphs below the title.
    pub lead: Vec<String>,
    /// What was just done.
    pub notice: Option<String>,
    /// What is wrong with the form that was sent.
    pub errors: Vec<ErrorView>,
    /// The form.
    pub form: Option<FormView>,
    /// The form that signs in with a passkey, beside the other one.
    pub passkey_form: Option<FormView>,
    /// The providers to sign in with.
    pub providers: Vec<ProviderView>,
    /// The links below the form.
    pub links: Vec<LinkView>,
    /// Where the browser goes by itself.
    pub goes_to: Option<String>,
    /// Where a browser goes that cannot make a passkey.
    pub skips_to: Option<String>,
    /// The menu of a user who is signed in.
    pub menu: Option<MenuView>,
    /// What the account page shows.
    pub account: Option<AccountView>,
    /// The authenticator app that is being set up.
    pub set_up: Option<SetUpView>,
    /// New recovery codes, or a new API key, which are shown this once.
    pub codes: Option<Vec<String>>,
    /// The list of users.
    pub users: Option<UsersView>,
    /// The user that an administrator looks at.
    pub user: Option<UserView>,
    /// The mails that were given up.
    pub undelivered: Option<UndeliveredView>,
    /// The invitations that were not accepted.
    pub invitations: Option<InvitationsView>,
    /// The texts `pages.word.NAME`, by their names.
    pub words: Words,
    /// The brand.
    pub brand: BrandView,
    /// The URL of the style sheet.
    pub style: String,
    /// The URL of the script.
    pub script: String,
}

impl PageView {
    /// With links from errors to those fields alone that a person sees.
    pub(super) fn settled(&mut self) -> &Self {
        let fields = self.form.iter().flat_map(|form| &form.fields).filter(|field| field.kind != "hidden");
        let seen: Vec<_> = fields.map(|field| field.name.clone()).collect();
        for error in &mut self.errors {
            error.field = error.field.take().filter(|field| seen.contains(field));
        }
        self
    }
}

impl fmt::Debug for PageView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageView").field("page", &self.page).field("language", &self.language).finish_non_exhaustive()
    }
}

/// The words of a language that stand in templates.
#[derive(Clone, Debug, Default)]
pub struct Words(pub(super) Arc<BTreeMap<String, String>>);

impl Deref for Words {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (*self.0).serialize(serializer)
    }
}

/// A language to choose.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LanguageView {
    /// Its tag.
    pub tag: String,
    /// Its name, in itself.
    pub name: String,
    /// The same page in it.
    pub href: String,
    /// Whether the page is in it.
    pub is_current: bool,
}

/// An error of a form.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ErrorView {
    /// The name of the field to which it belongs, if the form has one.
    pub field: Option<String>,
    /// What is wrong.
    pub text: String,
}

/// A form, which is sent by POST.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct FormView {
    /// Where it is sent.
    pub action: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// The text of its button.
    pub button: String,
    /// Whether it cannot be undone.
    pub is_grave: bool,
    /// The passkey with which the script fills the field `credential` in. The form is shown only if the script can.
    pub passkey: Option<PasskeyView>,
    /// The widget of the captcha, if the form asks for one that has a widget.
    pub captcha: Option<CaptchaView>,
}

/// The widget of a captcha: the script fills the element.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaptchaView {
    /// The URL of the script.
    pub script: String,
    /// Whether the script is a module.
    pub is_module: bool,
    /// The name of the element.
    pub element: String,
    /// The attributes of the element.
    pub attributes: Vec<AttributeView>,
}

/// An attribute of an element. Its name was checked at the start.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AttributeView {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A field of a form.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct FieldView {
    /// Its name, which is its id too.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The type of the input: `email`, `password`, `text`, `hidden`, or `checkbox`, whose value is `on` if it is checked.
    pub kind: &'static str,
    /// The keyboard of a device without keys (HTML, 6.8.7): `numeric`, `text`, or empty for what follows from the type.
    pub input_mode: &'static str,
    /// What browsers fill in.
    pub autocomplete: String,
    /// Its value. Empty for a password.
    pub value: String,
    /// The hint below the label.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Whether it can only be read.
    pub is_read_only: bool,
    /// Whether it must be filled in.
    pub is_required: bool,
}

/// A button that leads to a provider.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ProviderView {
    /// The text of the button.
    pub text: String,
    /// Where its form is sent.
    pub action: String,
    /// The hidden value `return_to` of its form.
    pub return_to: String,
}

/// A link.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LinkView {
    /// Where it leads.
    pub href: String,
    /// Its text.
    pub text: String,
}

/// The menu of a user who is signed in.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MenuView {
    /// Its links.
    pub links: Vec<LinkView>,
    /// Where the form of its button to sign out is sent.
    pub sign_out: String,
    /// What the banner says while an administrator acts as the user. Its button signs out. `None` for the user.
    pub acting: Option<String>,
}

/// The account of the user who is signed in.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AccountView {
    /// The user, as the route `GET /users/me` shows them.
    pub user: serde_json::Value,
    /// Whether users may have user names.
    pub has_usernames: bool,
    /// The user name, if the user has one.
    pub username: Option<String>,
    /// The fields of the profile with their labels.
    pub fields: Vec<FieldValueView>,
    /// The sessions, latest login first.
    pub sessions: Vec<SessionView>,
    /// The logins and refused logins, the latest first. `None` if the engine keeps none.
    pub logins: Option<Vec<LoginView>>,
    /// Whether there is a session beside the current one.
    pub has_others: bool,
    /// The accounts at providers.
    pub identities: Vec<IdentityView>,
    /// The providers of which no account is linked.
    pub more_providers: Vec<ProviderView>,
    /// The second factors. `None` if the engine has no part with factors.
    pub factors: Option<FactorsView>,
    /// The API keys. `None` if the engine does not have the part.
    pub api_keys: Option<ApiKeysView>,
}

/// A field of the profile with its value.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FieldValueView {
    /// Its label.
    pub label: String,
    /// Its value.
    pub value: String,
}

/// A session of the user.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SessionView {
    /// Its public name.
    pub id: String,
    /// When the user signed in, in words.
    pub since: String,
    /// The same for programs (RFC 3339).
    pub since_at: String,
    /// The browser and system, by known names alone.
    pub device: String,
    /// The network address, if it is known.
    pub network: Option<String>,
    /// Whether it is the one of this request.
    pub is_current: bool,
    /// Whether an administrator acts in it as the user.
    pub is_acted: bool,
}

/// A login, or a refused one.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LoginView {
    /// When it was, in words.
    pub at: String,
    /// The same for programs (RFC 3339).
    pub at_time: String,
    /// The browser and system, by known names alone.
    pub device: String,
    /// The network address, if it is known.
    pub network: Option<String>,
    /// Whether it was refused.
    pub is_refused: bool,
}

/// An account at a provider.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct IdentityView {
    /// Its id.
    pub id: String,
    /// The label of the provider.
    pub provider: String,
    /// What the provider calls the account, if it is known.
    pub account: Option<String>,
}
