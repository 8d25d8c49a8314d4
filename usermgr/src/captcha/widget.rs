//! What pages show of a captcha: a script and the element that it fills.

use crate::origin::{self, WebOrigin, is_own_machine};

/// The widget of a captcha on the [pages](crate::guide::pages): a script, and the element that it fills. The script puts
/// the answer into a field of the form, whose name is that of [`Captcha::field`](super::Captcha::field).
///
/// The forms that ask for the captcha load the script, and their Content Security Policy allows its origin: for scripts,
/// frames, styles, and requests. No other page does. A sentence asks people without scripts to allow them.
///
/// ```
/// use usermgr::captcha::Widget;
/// let widget = Widget::new("https://challenges.example.com/api.js").class("captcha").attribute("data-sitekey", "our-key");
/// let own = Widget::module("/static/proof-of-work.js").element("proof-of-work").attribute("challengeurl", "/challenge");
/// # let _ = (widget, own);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Widget {
    script: String,
    is_module: bool,
    element: String,
    attributes: Vec<(String, String)>,
    origins: Vec<String>,
}

impl Widget {
    /// Loads a classic script from this URL, or from a path of the own origin, and shows an empty `<div>`.
    pub fn new(script: impl Into<String>) -> Self {
        Self {
            script: script.into(),
            is_module: false,
            element: "div".to_owned(),
            attributes: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// The same for a script that is a module.
    pub fn module(script: impl Into<String>) -> Self {
        Self { is_module: true, ..Self::new(script) }
    }

    /// Sets the name of the element, such as a custom element that the script defines. Default: `div`.
    pub fn element(self, name: impl Into<String>) -> Self {
        Self { element: name.into(), ..self }
    }

    /// Sets the class of the element.
    pub fn class(self, class: impl Into<String>) -> Self {
        self.attribute("class", class)
    }

    /// Adds an attribute of the element, such as `data-sitekey`. Attributes that run a script or set a style are refused at
    /// the start.
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.push((name.into(), value.into()));
        self
    }

    /// Allows the widget to load scripts, frames and styles from a further origin, and to send requests there.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// What is wrong with it.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let is_path = self.script.starts_with('/') && !self.script.starts_with("//");
        let is_secure = |(_, origin): (_, WebOrigin<'_>)| origin.scheme == "https" || is_own_machine(origin.host);
        let is_url = WebOrigin::at(&self.script).is_some_and(is_secure);
        if !(is_path || is_url) || !self.script.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.push(format!(
                "the script `{}` is neither a URL with `https` nor a path as in `/captcha.js`",
                self.script
            ));
        }
        faults.extend(self.origins.iter().filter_map(|allowed| origin::fault(allowed)));
        let names = self.attributes.iter().map(|(name, _)| name);
        for name in names.chain([&self.element]) {
            let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !is_name || name.starts_with("on") || ["style", "script", "id"].contains(&&**name) {
                faults.push(format!("`{name}` cannot be the element of a widget or its attribute"));
            }
        }
        faults
    }
}

impl Widget {
    pub(crate) fn script(&self) -> &str {
        &self.script
    }

    pub(crate) fn is_module(&self) -> bool {
        self.is_module
    }

    /// The name and the attributes of the element.
    pub(crate) fn markup(&self) -> (&str, &[(String, String)]) {
        (&self.element, &self.attributes)
    }

    /// The origins besides the own one that it uses.
    pub(crate) fn origins(&self) -> impl Iterator<Item = &str> {
        let of_script = WebOrigin::at(&self.script).map(|(origin, _)| origin);
        of_script.into_iter().chain(self.origins.iter().map(String::as_str))
    }
}
