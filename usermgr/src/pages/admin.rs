//! The administration: the list of users, one user, and the mails that were given up.

use ::http::header;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    ErrorView, LinkView, PageView,
    address::with_query,
    failure::Failure,
    row::Form,
    screens::text_of,
    view::{
        InvitationRowView, InvitationsView, StateView, UndeliveredRowView, UndeliveredView, UserRowView, UserView,
        UsersView,
    },
    visit::{Visit, json},
};
use crate::{
    http::Endpoint,
    manager::UserManager,
    session::Principal,
    store::{Directory, SessionStore},
    user::USERNAME,
};

/// How many rows a page has.
const LIMIT: &str = "50";

/// What the list can be limited to: a name, which is that of its word too, with the parameter of the route.
const STATES: &[(&str, (&str, &str))] = &[
    ("blocked", ("is_active", "false")),
    ("superuser", ("is_superuser", "true")),
    ("unverified", ("is_verified", "false")),
];

/// What an administrator can do to a user: the page that asks first, and whether it fits a user.
const ACTIONS: &[(&str, Fits)] = &[
    ("send-reset", |user| user.is_active),
    ("send-verify", |user| user.is_active && !user.is_verified),
    ("mark-verified", |user| !user.is_verified),
    ("promote", |user| !user.is_superuser),
    ("demote", |user| user.is_superuser && !user.is_self),
    ("log-in-as", |user| user.may_be_acted_as && user.is_active && !user.is_superuser),
    ("end-sessions", |user| user.has_sessions),
    ("remove-factors", |user| user.may_have_factors),
    ("revoke-keys", |user| user.has_keys),
    ("block", |user| user.is_active && !user.is_self),
    ("unblock", |user| !user.is_active),
    ("delete-user", |user| !user.is_self),
];

type Fits = fn(&Facts) -> bool;

/// What decides which actions fit.
struct Facts {
    is_active: bool,
    is_verified: bool,
    is_superuser: bool,
    has_sessions: bool,
    /// Whether the engine has second factors. Which ones a user has is not for others to see.
    may_have_factors: bool,
    /// Whether the user has API keys.
    has_keys: bool,
    /// Whether the engine lets superusers act as users.
    may_be_acted_as: bool,
    /// No one should lock themselves out by mistake.
    is_self: bool,
}

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The list of users, or those whose address or user name begins with what is searched.
    pub(super) async fn users(&mut self, principal: &Principal<M::Store>) -> Result<Box<PageView>, Failure> {
        let asked = |name: &str| self.query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let [email, cursor, state, username] = ["email", "cursor", "state", USERNAME].map(asked);
        let has_usernames = self.manager.engine_ref().usernames().is_some();
        let username = username.filter(|_| has_usernames);
        let limit = STATES.iter().find(|(name, _)| Some(*name) == state);
        let limit = limit.map(|(_, (parameter, value))| (*parameter, Some(*value)));
        let query = [("limit", Some(LIMIT)), ("email", email), (USERNAME, username), ("cursor", cursor)];
        let query = query.into_iter().chain(limit);
        let listed = self.read(Endpoint::ListUsers, "", with_query("", query).strip_prefix('?')).await?;
        let list = |name: &str| listed[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let readable = list("users").iter().map(|user| self.user_row(user));
        // Their page could not be shown.
        let others = list("unreadable").iter().map(|user| UserRowView { href: None, ..self.user_row(user) });
        let here = self.pages.href(self.page.name);
        let next = listed["next_cursor"].as_str();
        let state_view = |(name, _): &(&str, _)| StateView {
            value: (*name).to_owned(),
            text: self.text(&format!("pages.word.{name}")),
            is_chosen: state == Some(*name),
        };
        let users = UsersView {
            email: email.unwrap_or_default().to_owned(),
            username: has_usernames.then(|| username.unwrap_or_default().to_owned()),
            states: STATES.iter().map(state_view).collect(),
            rows: readable.chain(others).collect(),
            next: next.map(|next| {
                let names = [("email", email), (USERNAME, username), ("state", state), ("cursor", Some(next))];
                with_query(&here, names)
            }),
            first: cursor.map(|_| with_query(&here, [("email", email), (USERNAME, username), ("state", state)])),
        };
        let mut view = self.view_of(principal, Vec::new());
        view.users = Some(users);
        Ok(view)
    }

    fn user_row(&self, user: &Value) -> UserRowView {
        let flag = |name: &str| user[name] == true;
        let created_at = user["created_at"].as_str().unwrap_or_default();
        UserRowView {
            href: self.user_href(&text_of(&user["id"])),
            email: text_of(&user["email"]),
            username: user[USERNAME].as_str().map(str::to_owned),
            is_active: flag("is_active"),
            is_verified: flag("is_verified"),
            is_superuser: flag("is_superuser"),
            created: self.moment(created_at),
            created_at: created_at.to_owned(),
        }
    }

    /// A moment in the words of the language.
    pub(super) fn moment(&self, at: &str) -> String {
        let at = at.parse::<Timestamp>();
        at.map(|at| self.pages.texts.moment(&self.language, at)).unwrap_or_default()
    }

    /// One user, with what can be done.
    pub(super) async fn user(
        &mut self,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let id = self.param();
        let user = self.read(Endpoint::User, &id, None).await?;
        let sessions = self.sessions(Endpoint::ListUserSessions, &id).await?;
        let logins = self.logins(Endpoint::ListUserLogins, &id).await?;
        let row = self.user_row(&user);
        let facts = Facts {
            is_active: row.is_active,
            is_verified: row.is_verified,
            is_superuser: row.is_superuser,
            has_sessions: !sessions.is_empty(),
            may_have_factors: self.has_route(Endpoint::RemoveFactors),
            has_keys: self.has_keys(&id).await?,
            may_be_acted_as: self.has_route(Endpoint::Impersonate),
            is_self: id == principal.user().id.to_string(),
        };
        let fitting = ACTIONS.iter().filter(|(_, fits)| fits(&facts)).filter_map(|(page, _)| self.pages.page(page));
        let actions = fitting.map(|page| LinkView {
            href: self.href_of(page.name, &id),
            text: self.text(&format!("pages.{}.title", page.texts)),
        });
        let shown = UserView {
            id: id.clone(),
            fields: self.field_values(&user),
            actions: actions.collect(),
            sessions,
            logins,
            row,
        };
        let mut view = self.view_of(principal, errors);
        view.title = self.pages.filled(&self.language, "pages.user.title", &[("address", &shown.row.email)]);
        view.user = Some(shown);
        Ok(view)
    }

    /// Whether a user has API keys.
    async fn has_keys(&self, id: &str) -> Result<bool, Failure> {
        if !self.has_route(Endpoint::ListUserApiKeys) {
            return Ok(false);
        }
        let listed = self.read(Endpoint::ListUserApiKeys, id, None).await?;
        Ok(listed.as_array().is_some_and(|keys| !keys.is_empty()))
    }

    /// Asks before something is done to a user.
    pub(super) async fn ask_first(
        &mut self,
        form: Form,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let id = self.param();
        let user = self.read(Endpoint::User, &id, None).await?;
        let form = self.filled(form, None, &errors);
        let mut view = self.view_of(principal, errors);
        view.lead = self.lead(&[("address", &text_of(&user["email"]))]);
        view.form = Some(form);
        let back = self.user_href(&id).map(|href| LinkView { href, text: self.text("pages.link.user") });
        view.links.extend(back);
        Ok(view)
    }

    /// The invitations that were not accepted.
    pub(super) async fn invitations(
        &mut self,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        if !self.has_route(Endpoint::ListInvitations) {
            return Err(Failure::not_found());
        }
        let (listed, next) = self.listed(Endpoint::ListInvitations).await?;
        let rows = listed.as_array().into_iter().flatten().map(|invitation| {
            let [id, email, sent_at, until_at] =
                ["id", "email", "sent_at", "expires_at"].map(|name| text_of(&invitation[name]));
            InvitationRowView {
                email,
                user: self.user_href(&id),
                sent: self.moment(&sent_at),
                sent_at,
                until: self.moment(&until_at),
                until_at,
                is_expired: invitation["is_expired"] == true,
                resend: self.href_of("resend-invitation", &id),
                withdraw: self.href_of("withdraw-invitation", &id),
            }
        });
        let invitations = InvitationsView {
            rows: rows.collect(),
            invite: self.served("invite").map(|page| self.pages.href(page.name)),
            next,
        };
        let mut view = self.view_of(principal, errors);
        view.invitations = Some(invitations);
        Ok(view)
    }

    /// The mails that were given up.
    pub(super) async fn undelivered(
        &mut self,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let (listed, next) = self.listed(Endpoint::ListUndelivered).await?;
        let rows = listed.as_array().into_iter().flatten().map(|mail| {
            let (id, failed_at) = (text_of(&mail["id"]), text_of(&mail["failed_at"]));
            UndeliveredRowView {
                mail: text_of(&mail["event"]),
                user: Some(&mail["user_id"]).filter(|id| !id.is_null()).and_then(|id| self.user_href(&text_of(id))),
                failed: self.moment(&failed_at),
                failed_at,
                reason: text_of(&mail["error"]),
                retry: self.href_of("retry", &id),
                drop: self.href_of("drop", &id),
            }
        });
        let undelivered = UndeliveredView { rows: rows.collect(), next };
        let mut view = self.view_of(principal, errors);
        view.undelivered = Some(undelivered);
        Ok(view)
    }

    /// A page of a list, and the address of the next one.
    async fn listed(&self, endpoint: Endpoint) -> Result<(Value, Option<String>), Failure> {
        let cursor = self.query.get("cursor").map(String::as_str);
        let query = with_query("", [("limit", Some(LIMIT)), ("cursor", cursor)]);
        let answer = self.ask_with(endpoint, "", query.strip_prefix('?'), None).await?;
        let next = answer.headers.get(header::LINK).and_then(|link| next_cursor(link.to_str().ok()?));
        let here = self.pages.href(self.page.name);
        Ok((json(&answer), next.map(|next| with_query(&here, [("cursor", Some(&*next))]))))
    }
}

/// The cursor in the header of a page that has a next one (RFC 8288).
fn next_cursor(link: &str) -> Option<String> {
    let (_, query) = link.split_once("cursor=")?;
    Some(query.split(['&', '>']).next()?.to_owned())
}
