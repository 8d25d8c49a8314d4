//! The QR code of an address, as SVG.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The quiet zone, in modules (ISO/IEC 18004).
const BORDER: i32 = 4;

/// A QR code, one module a unit. It is drawn black on white, whatever the colours of the page.
pub(crate) struct Picture {
    /// The width and the height, with the quiet zone.
    pub(crate) size: i32,
    /// The dark modules, as the path of an `svg` element.
    pub(crate) path: String,
}

impl Picture {
    /// The picture of an address. `None` for one that is too long for a QR code.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                // Writing to a string does not fail.
                let _ = write!(path, "M{},{}h1v1h-1z", x + BORDER, y + BORDER);
            }
        }
        Some(Self { size: code.size() + 2 * BORDER, path })
    }
}

/// An `svg` element with the picture of an address. Empty for an address that is too long for one.
pub(super) fn svg(address: &str) -> String {
    let Some(Picture { size, path }) = Picture::of(address) else { return String::new() };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges"><path fill="#fff" d="M0,0h{size}v{size}h-{size}z"/><path d="{path}"/></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_shows_every_dark_module_inside_a_border() {
        let address = "otpauth://totp/Shop:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Shop";
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).unwrap();
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark: Vec<_> = dark.filter(|(x, y)| code.get_module(*x, *y)).collect();
        let picture = svg(address);
        assert_eq!(picture.matches("h1v1h-1z").count(), dark.len());
        for (x, y) in dark {
            assert!(picture.contains(&format!("M{},{}h1v1h-1z", x + 4, y + 4)));
        }
        assert!(picture.contains(&format!("viewBox=\"0 0 {0} {0}\"", code.size() + 8)));
        assert_eq!(svg(&"x".repeat(5000)), "");
    }
}
