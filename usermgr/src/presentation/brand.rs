//! The brand: what mails and pages show of the application, and a colour that cannot make them unreadable.

use serde::Serialize;

use super::colour::Colour;

/// How an application shows itself in its mails and pages: a name, a colour and a logo.
///
/// ```
/// use usermgr::mail::Brand;
/// let brand = Brand::new("Shop").accent("#7a4b00").logo("https://shop.example/logo.png");
/// # let _ = brand;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Brand {
    pub(crate) name: String,
    pub(crate) accent: String,
    pub(crate) logo: Option<String>,
}

impl Brand {
    /// The background of the pages that is the hardest to read on, in light and dark.
    #[cfg(feature = "pages")]
    pub(crate) const LIGHT: Colour = Colour::of(0xf4, 0xf5, 0xf7);
    #[cfg(feature = "pages")]
    pub(crate) const DARK: Colour = Colour::of(0x1a, 0x1e, 0x24);

    /// Creates a brand with the name that users know.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), accent: "#0b57d0".to_owned(), logo: None }
    }

    /// Sets the colour of buttons, as `#rrggbb`. The text on it becomes black or white, whichever has more contrast. Default: a blue.
    pub fn accent(self, colour: impl Into<String>) -> Self {
        Self { accent: colour.into(), ..self }
    }

    /// Sets the picture in place of the name: an `https` URL. It is shown 32 pixels high, and programs that load no pictures show the
    /// name. Default: none.
    pub fn logo(self, url: impl Into<String>) -> Self {
        Self { logo: Some(url.into()), ..self }
    }

    /// The colour, and what is wrong with the brand.
    pub(crate) fn checked(&self, faults: &mut Vec<String>) -> Colour {
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            faults.push("`Brand`: the name is empty or has control characters".to_owned());
        }
        if self.logo.as_ref().is_some_and(|logo| !logo.starts_with("https://")) {
            faults.push("`Brand`: the logo must be an `https` URL".to_owned());
        }
        Colour::parse(&self.accent).unwrap_or_else(|| {
            faults.push(format!("`Brand`: `{}` is not a colour: write it as in `#0b57d0`", self.accent));
            Colour::BLACK
        })
    }

    /// As a template sees it. `home` is where users find the application.
    pub(crate) fn view(&self, accent: Colour, home: &str) -> BrandView {
        BrandView {
            name: self.name.clone(),
            home: home.to_owned(),
            accent: accent.to_string(),
            on_accent: accent.text_on().to_string(),
            logo: self.logo.clone(),
        }
    }
}

/// The brand, as a template sees it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct BrandView {
    /// The name.
    pub name: String,
    /// The base URL of the application.
    pub home: String,
    /// The colour of buttons, as `#rrggbb`.
    pub accent: String,
    /// The colour of text on buttons: black or white.
    pub on_accent: String,
    /// The URL of the logo, if there is one.
    pub logo: Option<String>,
}
