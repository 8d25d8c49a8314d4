//! Several kinds of user in one database: whatever one kind is given is nothing to the other, which goes on beside it undisturbed; and
//! handlers, tenants and the browser of a person who is both.

#[path = "kinds/beside.rs"]
mod beside;
#[path = "kinds/browser.rs"]
mod browser;
#[path = "kinds/credentials.rs"]
mod credentials;
#[path = "kinds/crossing.rs"]
mod crossing;
#[path = "kinds/requests.rs"]
mod requests;
#[path = "kinds/rig.rs"]
mod rig;
#[path = "kinds/shared.rs"]
mod shared;
