//! Invitations: an account that waits for the owner of its address. See [the guide](crate::guide::invitations).
//!
//! ```
//! use usermgr::{Engine, MemoryStore, invitations::Invitations};
//!
//! let engine: Engine<MemoryStore> = Engine::new(MemoryStore::new()).with(Invitations::new())?;
//! assert!(engine.has_part("invitations"));
//! # Ok::<(), usermgr::ConfigError>(())
//! ```

pub use crate::slices::{
    AcceptInvitationError, Invitation, InvitationError, InvitationPage, Invitations, index::Invite,
};
