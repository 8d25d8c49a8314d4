//! A captcha before registration, login and requests for mails: the part of the engine, which asks a verifier of the
//! application about what a client has sent.

mod attempt;
#[cfg(feature = "pages")]
mod widget;

use std::{error::Error, fmt, pin::Pin, time::Duration};

use tokio::sync::Semaphore;

pub use attempt::{Action, Answer, Attempt};
#[cfg(feature = "pages")]
pub use widget::Widget;

use crate::{
    config_error::ConfigError,
    containment::contained,
    user::{FIXED, USERNAME},
};

/// How many answers are verified at once. The others wait within their time.
const AT_ONCE: usize = 256;
/// How long a verification may take, unless the application says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// The name of the field, unless the application says otherwise.
const FIELD: &str = "captcha";
/// The fields that a login has besides the fixed ones.
const OF_LOGIN: [&str; 4] = ["grant_type", "scope", "client_id", "client_secret"];

type Verified = Pin<Box<dyn Future<Output = Result<bool, Box<dyn Error + Send + Sync>>> + Send>>;

/// Asks for a captcha before a registration, a login and each request for a mail, as a part of the engine. The guide has a
/// [page](crate::guide::captcha).
///
/// The client sends the answer in a further field of the body, `captcha` unless [`field`](Self::field) names it otherwise.
/// The route asks the verifier after it has read the body, and before it looks an account up or counts an attempt for it. So
/// the answers are equal for known and unknown addresses:
///
/// - 400 `CAPTCHA_REQUIRED` without the field, or if it is empty;
/// - 400 `CAPTCHA_WRONG` if the verifier says `false`. It counts as a wrong secret of the
///   [network](crate::Limits::wrong_secrets_per_network);
/// - 503 `CAPTCHA_UNAVAILABLE` if the verifier fails, panics or takes longer than five seconds, unless
///   [`open_on_failure`](Self::open_on_failure) lets the request pass.
///
/// Only the routes ask. An application that calls [`login`](crate::Operations::login) in a handler of its own verifies there
/// what it wants.
///
/// ```
/// use usermgr::{Engine, MemoryStore, captcha::{Action, Attempt, Captcha}};
///
/// let captcha = Captcha::new(|attempt: Attempt| async move {
///     // In place of it: ask the service that has shown the captcha.
///     Ok::<_, std::io::Error>(attempt.answer.expose() == "blue")
/// });
/// let engine: Engine<MemoryStore> =
///     Engine::new(MemoryStore::new()).with(captcha.only([Action::Register, Action::ForgotPassword]))?;
/// assert!(engine.has_part("captcha"));
/// # Ok::<(), usermgr::ConfigError>(())
/// ```
#[must_use]
pub struct Captcha {
    verify: Box<dyn Fn(Attempt) -> Verified + Send + Sync>,
    field: String,
    actions: Vec<Action>,
    timeout: Duration,
    opens: bool,
    after: Option<u32>,
    #[cfg(feature = "pages")]
    widget: Option<Widget>,
    slots: Semaphore,
}

impl Captcha {
    /// Asks `verify` about each answer: `true` lets the request pass, `false` refuses it, and an error means that nothing is
    /// known. It may run at the same time for many requests, at most 256, and others wait within their time.
    ///
    /// Set limits of an HTTP client in it below [`timeout`](Self::timeout), so that it does not go on after the route has
    /// given up. The text of an error becomes a part of the event `captcha_failed`; the answer is replaced in it.
    pub fn new<F, T, E>(verify: F) -> Self
    where
        F: Fn(Attempt) -> T + Send + Sync + 'static,
        T: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self {
            verify: Box::new(move |attempt| {
                let verified = verify(attempt);
                Box::pin(async move { verified.await.map_err(Into::into) })
            }),
            field: FIELD.to_owned(),
            actions: Action::ALL.to_vec(),
            timeout: PATIENCE,
            opens: false,
            after: None,
            #[cfg(feature = "pages")]
            widget: None,
            slots: Semaphore::new(AT_ONCE),
        }
    }

    /// Sets the name of the field in JSON and in the form of a login, such as the one that a widget posts. Default:
    /// `captcha`. A field of the profile cannot have this name. [`build`](crate::engine::EngineBuilder::build) refuses the
    /// name of another field of these bodies.
    pub fn field(self, name: impl Into<String>) -> Self {
        Self { field: name.into(), ..self }
    }

    /// Asks for these actions alone. Default: [all](Action::ALL).
    pub fn only(self, actions: impl IntoIterator<Item = Action>) -> Self {
        Self { actions: actions.into_iter().collect(), ..self }
    }

    /// Sets how long a verification may take. Default: five seconds. [`build`](crate::engine::EngineBuilder::build) demands
    /// more than zero and at most a minute.
    pub fn timeout(self, limit: Duration) -> Self {
        Self { timeout: limit, ..self }
    }

    /// Lets requests pass while the verifier fails, each with the event `captcha_failed`. An answer must still be there.
    /// Default: they are refused with 503. The [limits](crate::Limits) hold in any case.
    pub fn open_on_failure(self) -> Self {
        Self { opens: true, ..self }
    }

    /// Asks a network only after this number of failures, as the limits count them: at a login its wrong secrets, at a
    /// registration its registrations, at a request for a mail its mails. So most people never see a captcha. Requests that
    /// run at the same time count too. Default: always.
    ///
    /// Counted is the network of the client and not the account, so that the answer tells nothing about an account. A
    /// stranger with many networks is asked in none of them; the limit of an account holds against them.
    ///
    /// [`build`](crate::engine::EngineBuilder::build) refuses it together with
    /// [`Limits::dangerous_none`](crate::Limits::dangerous_none), which counts nothing.
    pub fn after(self, failures: u32) -> Self {
        Self { after: Some(failures), ..self }
    }

    /// Sets what the [pages](crate::guide::pages) show in their forms. Default: a field for a text, whose label is the text
    /// `pages.field.captcha`, for a question of your own.
    #[cfg(feature = "pages")]
    pub fn widget(self, widget: Widget) -> Self {
        Self { widget: Some(widget), ..self }
    }

    /// The name of the field.
    pub(crate) fn name(&self) -> &str {
        &self.field
    }

    /// Whether an action is asked for at all.
    pub(crate) fn asks(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }

    /// After how many failures it asks. `None` for always.
    pub(crate) fn threshold(&self) -> Option<u32> {
        self.after
    }

    pub(crate) fn opens(&self) -> bool {
        self.opens
    }

    /// What the pages show.
    #[cfg(feature = "pages")]
    pub(crate) fn shown(&self) -> Option<&Widget> {
        self.widget.as_ref()
    }

    /// What is wrong with the settings.
    pub(crate) fn faults(&self) -> Vec<ConfigError> {
        let mut faults = Vec::new();
        let name = &*self.field;
        if FIXED.contains(&name) || OF_LOGIN.contains(&name) || name == USERNAME {
            faults.push(format!("`field` is `{name}`, which is the name of another field: choose one of its own"));
        } else if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            faults.push(format!("`field` is `{name}`: use letters, digits, `-` and `_`"));
        }
        if self.actions.is_empty() {
            faults.push("`only` names no action: name one, or leave the part out".to_owned());
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(60) {
            faults.push("`timeout` must be more than zero and at most 60 seconds".to_owned());
        }
        #[cfg(feature = "pages")]
        faults.extend(self.widget.iter().flat_map(Widget::faults));
        faults.into_iter().map(|fault| ConfigError::new(format!("`Captcha`: {fault}"))).collect()
    }

    /// Verifies an answer within its time.
    ///
    /// # Errors
    /// Why nothing is known about the answer, without the answer.
    pub(crate) async fn verify(&self, attempt: Attempt) -> Result<bool, String> {
        let answer = attempt.answer.clone();
        let verified = async {
            let _slot = self.slots.acquire().await?;
            (self.verify)(attempt).await
        };
        match contained(verified, self.timeout).await {
            Ok(Ok(is_right)) => Ok(is_right),
            Ok(Err(error)) => {
                Err(format!("the verifier failed: {}", error.to_string().replace(answer.expose(), "*****")))
            }
            Err(failure) => Err(format!("the verifier {failure}")),
        }
    }
}

impl fmt::Debug for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captcha").field("field", &self.field).field("actions", &self.actions).finish_non_exhaustive()
    }
}
