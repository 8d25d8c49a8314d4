//! The part of a request that carries a token.

/// The part of a request that carries a token. Backends with the same carrier receive the same tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier<'a> {
    Bearer,
    /// The cookie of this name.
    Cookie(&'a str),
    /// The header of this name.
    Header(&'a str),
}
