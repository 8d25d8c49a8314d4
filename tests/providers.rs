//! Sign-in through providers of other people's: a browser goes from the reference server to the provider and back.

#[path = "providers/beside.rs"]
mod beside;
#[path = "providers/browser.rs"]
mod browser;
#[path = "providers/failures.rs"]
mod failures;
#[path = "providers/keeping.rs"]
mod keeping;
#[path = "providers/people.rs"]
mod people;
#[path = "providers/rig.rs"]
mod rig;
