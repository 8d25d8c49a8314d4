//! What carries a token in a request.

/// What carries a token. Backends with the same one share its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier<'a> {
    Bearer,
    /// The cookie of this name.
    Cookie(&'a str),
    /// The header of this name.
    Header(&'a str),
}
