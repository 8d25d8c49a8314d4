//! What the templates of the administration get.

use serde::Serialize;

use super::{FieldValueView, LinkView, LoginView, SessionView};

/// The list of users.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UsersView {
    /// The beginning of the address that is searched.
    pub email: String,
    /// The beginning of the user name that is searched. `None` without user names.
    pub username: Option<String>,
    /// What the list can be limited to.
    pub states: Vec<StateView>,
    /// The users.
    pub rows: Vec<UserRowView>,
    /// The next page.
    pub next: Option<String>,
    /// The first page, if this is another one.
    pub first: Option<String>,
}

/// What the list of users can be limited to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StateView {
    /// The value of the parameter `state`.
    pub value: String,
    /// Its name.
    pub text: String,
    /// Whether the list is limited to it.
    pub is_chosen: bool,
}

/// A user in the list.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UserRowView {
    /// The page of the user. `None` if their profile cannot be read.
    pub href: Option<String>,
    /// The address.
    pub email: String,
    /// The user name, if the user has one.
    pub username: Option<String>,
    /// Whether the user may sign in.
    pub is_active: bool,
    /// Whether the address is confirmed.
    pub is_verified: bool,
    /// Whether the user is a superuser.
    pub is_superuser: bool,
    /// When the account was made, in words.
    pub created: String,
    /// The same for programs (RFC 3339).
    pub created_at: String,
}

/// One user.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UserView {
    /// The id.
    pub id: String,
    /// What the list shows too.
    pub row: UserRowView,
    /// The fields of the profile with their labels.
    pub fields: Vec<FieldValueView>,
    /// The sessions, latest login first.
    pub sessions: Vec<SessionView>,
    /// The logins and refused logins, the latest first. `None` if the engine keeps none.
    pub logins: Option<Vec<LoginView>>,
    /// The pages that ask before something is done to the user.
    pub actions: Vec<LinkView>,
}

/// The invitations that were not accepted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct InvitationsView {
    /// The invitations, the oldest first.
    pub rows: Vec<InvitationRowView>,
    /// The page that invites, if it is not left out.
    pub invite: Option<String>,
    /// The next page.
    pub next: Option<String>,
}

/// An invitation that was not accepted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct InvitationRowView {
    /// The address.
    pub email: String,
    /// The page of the user, if it is not left out.
    pub user: Option<String>,
    /// When the last mail was sent, in words.
    pub sent: String,
    /// The same for programs (RFC 3339).
    pub sent_at: String,
    /// When the invitation stops working, in words.
    pub until: String,
    /// The same for programs (RFC 3339).
    pub until_at: String,
    /// Whether it has stopped working.
    pub is_expired: bool,
    /// Where the form that sends it again is sent.
    pub resend: String,
    /// The page that asks before it is withdrawn.
    pub withdraw: String,
}

/// The mails that were given up.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UndeliveredView {
    /// The mails.
    pub rows: Vec<UndeliveredRowView>,
    /// The next page.
    pub next: Option<String>,
}

/// A mail that was given up.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UndeliveredRowView {
    /// The name of the notification.
    pub mail: String,
    /// The page of the user, if it is for a user.
    pub user: Option<String>,
    /// When it was given up, in words.
    pub failed: String,
    /// The same for programs (RFC 3339).
    pub failed_at: String,
    /// The reason.
    pub reason: String,
    /// Where the form that sends it again is sent.
    pub retry: String,
    /// Where the form that drops it is sent.
    pub drop: String,
}
