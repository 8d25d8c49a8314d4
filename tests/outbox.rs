//! Durable delivery: which hook delivers what, with retries until it succeeds; which worker delivers, if there are several; and what is left when a
//! server is killed.

#[path = "outbox/faults.rs"]
mod faults;
#[path = "outbox/http.rs"]
mod http;
#[cfg(unix)]
#[path = "outbox/kill.rs"]
mod kill;
#[path = "outbox/lanes.rs"]
mod lanes;
#[cfg(unix)]
#[path = "outbox/load.rs"]
mod load;
#[path = "outbox/lost_answer.rs"]
mod lost_answer;
#[path = "outbox/messages.rs"]
mod messages;
#[path = "outbox/notifications.rs"]
mod notifications;
#[path = "outbox/retries.rs"]
mod retries;
#[path = "outbox/workers.rs"]
mod workers;
#[path = "outbox/world.rs"]
mod world;
