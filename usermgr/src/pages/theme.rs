//! The style sheet and the script, each under an address that changes with its content, so that browsers keep it for a year.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::{
    http::Outgoing,
    presentation::{Brand, Colour},
};

const YEAR: Duration = Duration::from_secs(31_536_000);

/// A file of the pages.
pub(super) struct Asset {
    content: Bytes,
    media: &'static str,
    /// Its address, with a mark of the content.
    pub(super) href: String,
    mark: String,
}

impl Asset {
    /// The shipped rules, with the colours of a brand and the rules of the application behind them.
    pub(super) fn style(base: &str, accent: Colour, own: &[String]) -> Self {
        let [light, dark] = [Brand::LIGHT, Brand::DARK].map(|background| accent.readable_on(background));
        let colours = format!(
            ":root{{--accent:{accent};--on-accent:{};--link:{light}}}\n@media(prefers-color-scheme:dark){{:root{{--link:{dark}}}}}\n",
            accent.text_on()
        );
        let rules = [include_str!("style.css"), &colours, &own.join("\n")].concat();
        Self::new(format!("{base}/style.css"), "text/css; charset=utf-8", rules)
    }

    pub(super) fn script(base: &str) -> Self {
        Self::new(format!("{base}/pages.js"), "text/javascript; charset=utf-8", include_str!("pages.js").to_owned())
    }

    fn new(path: String, media: &'static str, content: String) -> Self {
        let mark: String = Sha256::digest(&content).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { content: content.into(), media, href: format!("{path}?v={mark}"), mark }
    }

    /// The file. An address with another mark is that of another version, and is not kept.
    pub(super) fn answer(&self, query: Option<&str>) -> Outgoing {
        let answer = Outgoing::file(self.content.clone(), self.media);
        let is_of_this_version = query.and_then(|query| query.strip_prefix("v=")) == Some(&self.mark);
        if is_of_this_version { answer.kept_for(YEAR) } else { answer }
    }
}
