//! Mails that are really sent: over SMTP to servers on loopback, through the outbox, and by the reference server.

#[path = "mail/delivery.rs"]
mod delivery;
#[path = "mail/equal.rs"]
mod equal;
#[path = "mail/links.rs"]
mod links;
#[path = "mail/post.rs"]
mod post;
#[path = "mail/server.rs"]
mod server;
#[path = "mail/smtp.rs"]
mod smtp;
