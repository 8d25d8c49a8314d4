//! Templates: the shipped ones with those of the application over them, compiled once.

use std::collections::BTreeMap;

use minijinja::{Environment, Error, UndefinedBehavior, value::Serde};
use serde::Serialize;

/// All templates, compiled. A name that no value has is an error when it is rendered.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the templates. `unused` says what is wrong with the name of one that would not be used.
    pub(crate) fn new(
        shipped: &[(&str, &str)],
        own: &[(String, String)],
        unused: impl Fn(&str) -> Option<String>,
        faults: &mut Vec<String>,
    ) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let shipped = shipped.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
        let sources: BTreeMap<String, String> = shipped.chain(own.iter().cloned()).collect();
        for (name, source) in sources {
            if let Some(fault) = unused(&name) {
                faults.push(fault);
            } else if let Err(error) = environment.add_template_owned(name.clone(), source) {
                faults.push(format!("the template `{name}` cannot be read: {error}"));
            }
        }
        Self(environment)
    }

    /// Renders a view by the template of its own name, or by the usual one.
    ///
    /// # Errors
    /// The template names what the view does not have.
    pub(crate) fn render(&self, own: &str, usual: &str, view: &impl Serialize) -> Result<String, Error> {
        let template = self.0.get_template(own).or_else(|_| self.0.get_template(usual))?;
        template.render(minijinja::Value::from(Serde(view)))
    }
}
