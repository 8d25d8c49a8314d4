//! User management for Rust applications from one attribute.
