//! The statements, with one text for all databases. They are built once for each store, with its table prefix and the
//! words of its database. A text marks its values as `$1`, `$2` and so on, in the order in which they are bound.

mod counters;
mod credentials;
mod history;
mod outbox;
#[cfg(all(test, any(feature = "mysql", feature = "postgres")))]
mod rights;
mod sessions;
mod text;
mod users;

use super::dialect::Dialect;

#[cfg(feature = "mysql")]
pub(super) use text::with_question_marks;
pub(super) use text::{PREFIX, Texts};

/// All statements of a store.
pub(super) struct Statements {
    /// The realm of the users in these tables.
    pub(super) realm: Option<String>,
    pub(super) users: users::Users,
    pub(super) sessions: sessions::Sessions,
    pub(super) credentials: credentials::Credentials,
    pub(super) pending: credentials::Pending,
    pub(super) counters: counters::Counters,
    pub(super) outbox: outbox::Outbox,
    pub(super) history: history::History,
}

impl Statements {
    pub(super) fn new<D: Dialect>(texts: &Texts, realm: Option<String>) -> Self {
        Self {
            realm,
            users: users::Users::new::<D>(texts),
            sessions: sessions::Sessions::new::<D>(texts),
            credentials: credentials::Credentials::new::<D>(texts),
            pending: credentials::Pending::new::<D>(texts),
            counters: counters::Counters::new::<D>(texts),
            outbox: outbox::Outbox::new::<D>(texts),
            history: history::History::new::<D>(texts),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns all statements as written, before their marks are replaced by those of the database.
    pub(in crate::sql) fn texts<D: Dialect>() -> Vec<String> {
        let texts = Texts::of_prefix(PREFIX);
        Statements::new::<D>(&texts, None);
        texts.made()
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn values_are_numbered_in_the_order_in_which_they_are_bound() {
        let texts = texts::<sqlx::Sqlite>();
        assert!(texts.len() > 40, "{texts:?}");
        for text in texts {
            assert!(text::numbers(&text).into_iter().eq(1..=text.matches('$').count()), "{text}");
            assert!(!text.contains(['{', '}']), "a gap is left in {text}");
        }
    }
}
