//! The procedural macros of usermgr.
