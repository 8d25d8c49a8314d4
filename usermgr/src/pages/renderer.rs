//! The seam at which an application replaces the templates.

use super::PageView;

/// The error of a [`PageRenderer`].
pub type RenderError = Box<dyn std::error::Error + Send + Sync>;

/// Makes the HTML of pages in place of the templates, as with a template engine that is checked by the compiler. What pages do stays that
/// of [`Pages`](super::Pages).
///
/// ```
/// use usermgr::pages::{PageRenderer, PageView, RenderError};
///
/// struct Plain;
///
/// impl PageRenderer for Plain {
///     fn render(&self, view: &PageView) -> Result<String, RenderError> {
///         // A real one escapes every value.
///         Ok(format!("<!doctype html><title>{}</title>", view.title))
///     }
/// }
/// ```
pub trait PageRenderer: Send + Sync + 'static {
    /// Makes a page.
    ///
    /// # Errors
    /// The page cannot be made. At the start, every page is made once with sample values, and an error is reported then. Later it is
    /// answered with 500.
    fn render(&self, view: &PageView) -> Result<String, RenderError>;
}
