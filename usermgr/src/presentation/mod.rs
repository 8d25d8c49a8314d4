//! How an application shows itself to people: its brand, and the words of its mails and pages in the language of the reader.

pub(crate) mod agent;
mod brand;
mod colour;
mod encode;
mod files;
mod languages;
mod overrides;
mod templates;
mod texts;
mod vocabulary;

pub use brand::{Brand, BrandView};
#[cfg(feature = "pages")]
pub(crate) use colour::Colour;
pub(crate) use encode::encoded;
pub(crate) use overrides::Overrides;
pub(crate) use templates::Templates;
pub(crate) use texts::Texts;
