//! The API keys on the account: the list, the form for a new one, and the key, which is shown once.

use ::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    ApiKeyView, ApiKeysView, ErrorView, FieldView, LinkView, PageView,
    failure::Failure,
    row::Form,
    screens::text_of,
    templates::CODES,
    visit::{Reply, Visit},
};
use crate::{
    http::Endpoint,
    manager::UserManager,
    session::Principal,
    store::{Directory, SessionStore},
};

/// What stands before the name of a permission in the name of its field.
const SCOPE: &str = "scope:";
/// The seconds of a day.
const DAY: u64 = 24 * 3600;

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// The API keys of the user, if the engine has any.
    pub(super) async fn api_keys(&self, principal: &Principal<M::Store>) -> Result<Option<ApiKeysView>, Failure> {
        if !self.has_route(Endpoint::ListApiKeys) {
            return Ok(None);
        }
        let listed = self.read(Endpoint::ListApiKeys, "", None).await?;
        let rows = listed.as_array().into_iter().flatten().map(|key| self.api_key(key)).collect();
        let adds = self.served("new-key").is_some() && !self.permitted(principal).is_empty();
        Ok(Some(ApiKeysView { rows, adds }))
    }

    fn api_key(&self, key: &Value) -> ApiKeyView {
        let text = |name: &str| key[name].as_str().map(str::to_owned);
        let moment = |at: &Option<String>| at.as_deref().map(|at| self.moment(at));
        let (expires_at, used_at, made_at) = (text("expires_at"), text("used_at"), text_of(&key["created_at"]));
        let scopes = key["scopes"].as_array().into_iter().flatten().map(text_of).collect();
        ApiKeyView {
            id: text_of(&key["id"]),
            label: text("label"),
            hint: text_of(&key["hint"]),
            scopes,
            made: self.moment(&made_at),
            made_at,
            expires: moment(&expires_at),
            expires_at,
            used: moment(&used_at),
            used_at,
            used_from: text("used_from"),
        }
    }

    /// What the user may give a key.
    fn permitted(&self, principal: &Principal<M::Store>) -> Vec<&'static str> {
        let permissions = self.manager.permissions_by_name();
        permissions.map(|by_name| by_name.permitted(principal.user())).unwrap_or_default()
    }

    /// The form for a new key, with a box for each permission of the user.
    pub(super) fn new_key(
        &mut self,
        form: Form,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Box<PageView> {
        let mut form = self.filled(form, None, &errors);
        let scope = |name: &&str| {
            let field = format!("{SCOPE}{name}");
            let is_chosen = self.form.contains_key(&field);
            FieldView {
                name: field,
                label: (*name).to_owned(),
                kind: "checkbox",
                input_mode: "",
                autocomplete: "off".to_owned(),
                value: if is_chosen { "on" } else { "" }.to_owned(),
                hint: None,
                error: None,
                is_read_only: false,
                is_required: true,
            }
        };
        form.fields.extend(self.permitted(principal).iter().map(scope));
        let mut view = self.view_of(principal, errors);
        view.lead = self.lead(&[]);
        view.form = Some(form);
        view
    }

    /// A form about the key in the path.
    pub(super) async fn key_form(
        &mut self,
        form: Form,
        principal: &Principal<M::Store>,
        errors: Vec<ErrorView>,
    ) -> Result<Box<PageView>, Failure> {
        let ApiKeysView { rows, .. } = self.api_keys(principal).await?.ok_or_else(Failure::not_found)?;
        let key = rows.into_iter().find(|key| key.id == self.param()).ok_or_else(Failure::not_found)?;
        let form = self.filled_for_label(form, key.label.as_deref(), &errors);
        let mut view = self.view_of(principal, errors);
        view.lead = self.lead(&[("key", key.label.as_deref().unwrap_or(&key.hint))]);
        view.form = Some(form);
        Ok(view)
    }

    /// A new key, as the form describes it. What is no number of days is sent as it is, for the route to refuse.
    pub(super) fn sent_key(&self) -> Map<String, Value> {
        let scopes: Vec<_> = self.form.keys().filter_map(|name| name.strip_prefix(SCOPE)).collect();
        let mut sent = Map::from_iter([("scopes".to_owned(), json!(scopes))]);
        let given = |name: &str| self.form.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        sent.extend(given("label").map(|label| ("label".to_owned(), Value::from(label))));
        let days = given("days").map(|text| match text.parse::<u64>() {
            Ok(days) => Value::from(days.saturating_mul(DAY)),
            Err(_) => Value::from(text),
        });
        sent.extend(days.map(|lifetime| ("expires_in".to_owned(), lifetime)));
        sent
    }

    /// Shows a new key, in the answer to the form: it is kept nowhere.
    pub(super) async fn shown_key(&mut self, answer: &Value, done: Option<&'static str>) -> Result<Reply, Failure> {
        let mut view = self.answering(CODES, "api_key").await?;
        view.notice = done.map(|done| self.text(&format!("pages.done.{done}")));
        view.lead = ["lead", "once"].map(|part| self.text(&format!("pages.api_key.{part}"))).into();
        view.codes = Some(vec![text_of(&answer["key"])]);
        view.links = vec![LinkView { href: self.href_of_account(), text: self.text("pages.link.have_key") }];
        Ok(Reply::Page(StatusCode::OK, view))
    }
}
