//! How an application shows itself to people: its brand, and the words of its mails and pages in the language of the reader.

pub(crate) mod agent;
mod brand;
mod colour;
pub(crate) mod files;
mod languages;
mod texts;
mod vocabulary;

pub use brand::{Brand, BrandView};
#[cfg(feature = "pages")]
pub(crate) use colour::Colour;
pub(crate) use texts::Texts;
