//! Colours and their contrast (WCAG 2.2, 1.4.3).

use std::fmt;

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour([u8; 3]);

impl Colour {
    pub(crate) const BLACK: Self = Self([0; 3]);
    pub(crate) const WHITE: Self = Self([255; 3]);

    #[cfg(feature = "pages")]
    pub(super) const fn of(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        // `from_str_radix` takes a sign.
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then_some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// Black or white, whichever is easier to read on this colour.
    pub(crate) fn text_on(self) -> Self {
        if self.contrast(Self::BLACK) >= self.contrast(Self::WHITE) { Self::BLACK } else { Self::WHITE }
    }

    /// The nearest colour to this one, towards black or white, that can be read on a background.
    #[cfg(feature = "pages")]
    pub(crate) fn readable_on(self, background: Self) -> Self {
        const STEPS: u32 = 51;
        let towards = if background.luminance() > 0.18 { 0 } else { 255 };
        let mixed = |step: u32| {
            Self(self.0.map(|part| {
                let mixed = (u32::from(part) * (STEPS - step) + towards * step) / STEPS;
                u8::try_from(mixed).unwrap_or(u8::MAX)
            }))
        };
        let readable = (0..=STEPS).map(mixed).find(|colour| colour.contrast(background) >= 4.6);
        readable.unwrap_or_else(|| background.text_on())
    }

    /// The contrast with another colour, from 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The relative luminance, from 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "pages")]
    use crate::presentation::Brand;

    #[test]
    fn pg12_the_text_on_any_colour_has_a_contrast_of_at_least_four_and_a_half() {
        let steps: Vec<u8> = (0..=255).step_by(5).collect();
        for &red in &steps {
            for &green in &steps {
                for &blue in &steps {
                    let colour = Colour([red, green, blue]);
                    assert!(colour.contrast(colour.text_on()) >= 4.5, "{colour}");
                }
            }
        }
    }

    #[cfg(feature = "pages")]
    #[test]
    fn pg12_a_link_of_any_colour_can_be_read_on_every_background_of_the_pages() {
        let steps: Vec<u8> = (0..=255).step_by(15).collect();
        for &red in &steps {
            for &green in &steps {
                for &blue in &steps {
                    let colour = Colour([red, green, blue]);
                    let [light, dark] = [Brand::LIGHT, Brand::DARK].map(|background| colour.readable_on(background));
                    for (link, background) in [
                        (light, Colour::WHITE),
                        (light, Brand::LIGHT),
                        (dark, Brand::DARK),
                        (dark, Colour::of(0x11, 0x14, 0x18)),
                    ] {
                        assert!(link.contrast(background) >= 4.5, "{link} on {background}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        assert_eq!(Colour::parse("#0B57d0").map(|colour| colour.to_string()).as_deref(), Some("#0b57d0"));
        for bad in ["", "#", "0b57d0", "#0b57d", "#0b57d00", "#0b57dg", "#+1+1+1", "red", "#é0000"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }
}
