//! The log: events, warnings and errors on the standard error stream, as text or as JSON lines.

use std::{error::Error, io::stderr};

use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt};

use crate::options::LogForm;

/// Starts the log. Without `RUST_LOG` it has the level `INFO`, at which the library writes its events.
pub(crate) fn start(form: LogForm) {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let log = fmt().with_env_filter(filter).with_writer(stderr);
    match form {
        LogForm::Text => log.init(),
        LogForm::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}

/// Says what is unwise about an option.
pub(crate) fn warn(form: LogForm, warning: &str) {
    match form {
        LogForm::Text => eprintln!("warning: {warning}"),
        LogForm::Json => tracing::warn!("{warning}"),
    }
}

/// Says why the program ends.
pub(crate) fn end(form: LogForm, error: &(dyn Error + 'static)) {
    match form {
        LogForm::Text => eprintln!("error: {error}"),
        LogForm::Json => tracing::error!(error, "the command failed"),
    }
}
