//! The captcha of the forms that ask for one: a widget, or a field for the answer to a question.

use serde_json::Value;

use super::{
    AttributeView, CaptchaView, ErrorView, FieldView, PageView,
    row::{Does, Mailed, Sends},
    show::error_of,
    visit::Visit,
};
use crate::{
    captcha::{Action, Captcha, Widget},
    http::{Endpoint, captcha_of},
    manager::UserManager,
    store::{Directory, SessionStore},
};

impl<M: UserManager<Store: SessionStore + Directory>> Visit<'_, M> {
    /// What the captcha of the engine calls a route.
    fn action(&self, endpoint: Endpoint) -> Option<Action> {
        self.route(endpoint)?.route().action
    }

    /// The route that a form asks, which is one of several if it sends a mail again.
    pub(super) fn asked_by(&self, does: Does, mailed: Option<Mailed>) -> Endpoint {
        match (does.sends, mailed) {
            (Sends::Again, Some(Mailed::Reset)) => Endpoint::ForgotPassword,
            (Sends::Again, Some(Mailed::ChangeEmail)) => Endpoint::RequestEmailChange,
            (Sends::Again, Some(Mailed::Login)) => Endpoint::RequestLogin,
            _ => does.asks,
        }
    }

    /// Puts the captcha into the form of a page, if its route asks for one.
    pub(super) async fn add_captcha(&self, view: &mut PageView) {
        let (Some(form), Some(does)) = (view.form.as_mut(), self.page.does) else { return };
        let endpoint = self.asked_by(does, self.sent().map(|(mailed, _)| mailed));
        let Some(captcha) = captcha_of(self.manager.engine_ref(), self.action(endpoint), self.ip).await else { return };
        match captcha.shown() {
            Some(widget) => form.captcha = Some(shown(widget)),
            None => form.fields.push(self.question(captcha, &view.errors)),
        }
    }

    /// The answer to the captcha that the form has sent, for its route.
    pub(super) fn sent_answer(&self, endpoint: Endpoint) -> Option<(String, Value)> {
        let name = self.manager.engine_ref().captcha_for(self.action(endpoint)?)?.name();
        let answer = self.form.get(name)?;
        Some((name.to_owned(), Value::from(&**answer)))
    }

    /// A field for the answer to a question of the application, which is its label.
    fn question(&self, captcha: &Captcha, errors: &[ErrorView]) -> FieldView {
        FieldView {
            name: captcha.name().to_owned(),
            label: self.text("pages.field.captcha"),
            kind: "text",
            input_mode: "text",
            autocomplete: "off".to_owned(),
            value: String::new(),
            hint: None,
            error: error_of(captcha.name(), errors),
            is_read_only: false,
            is_required: true,
        }
    }
}

fn shown(widget: &Widget) -> CaptchaView {
    let (element, attributes) = widget.markup();
    let attribute = |(name, value): &(String, String)| AttributeView { name: name.clone(), value: value.clone() };
    CaptchaView {
        script: widget.script().to_owned(),
        is_module: widget.is_module(),
        element: element.to_owned(),
        attributes: attributes.iter().map(attribute).collect(),
    }
}
