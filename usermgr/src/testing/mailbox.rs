//! A mailer that keeps mails, and returns them in order.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use crate::{
    mailer::{Mail, MailError, Mailer},
    token::{Purpose, Token},
};

/// How long a test waits for a mail before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// Captures mails instead of sending them. Clones share the mails.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// use usermgr::{EmailAddress, Mail, Mailer, testing::Mailbox};
/// let mailbox = Mailbox::default();
/// mailbox.send(Mail::to(&EmailAddress::parse("ada@example.com")?).text("hello")).await?;
/// assert_eq!(mailbox.last("ADA@example.com").unwrap().text, "hello");
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Kept>>>);

/// A mail, and whether [`Mailbox::next`] has returned it.
struct Kept {
    mail: Mail,
    is_taken: bool,
}

impl Mailbox {
    /// Returns the newest mail to an address. Case is ignored.
    pub fn last(&self, address: &str) -> Option<Mail> {
        self.kept().iter().rev().find(|kept| is_to(&kept.mail, address)).map(|kept| kept.mail.clone())
    }

    /// Returns all mails, the oldest first.
    pub fn all(&self) -> Vec<Mail> {
        self.kept().iter().map(|kept| kept.mail.clone()).collect()
    }

    /// Returns the next mail to an address: the oldest that this method has not returned yet. Case is ignored. It waits for a mail that is
    /// still to come, as after a route that responds first and sends the mail in the background.
    ///
    /// ```
    /// # use usermgr::prelude::*;
    /// # struct Accounts { engine: Engine<MemoryStore>, mail: usermgr::testing::Mailbox }
    /// # #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
    /// # impl Accounts {
    /// #     async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) -> Result<(), HookError> {
    /// #         Ok(self.mail.send(Mail::to(&user.email).subject("Reset").text(token.expose())).await?)
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use usermgr::testing::{Client, Mailbox};
    ///
    /// let mailbox = Mailbox::default();
    /// let accounts = Accounts { engine: Engine::new(MemoryStore::new()), mail: mailbox.clone() };
    /// let client = Client::new(usermgr::axum::router(accounts)?);
    /// client.register("ada@example.com", "correct horse battery").await.expect(201);
    /// client.post("/auth/forgot-password", serde_json::json!({"email": "ada@example.com"})).await.expect(202);
    /// assert_eq!(mailbox.next("ada@example.com").await.subject, "Reset");
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// If no mail arrives within 10 seconds of real time.
    pub async fn next(&self, address: &str) -> Mail {
        let begun = Instant::now();
        loop {
            if let Some(mail) = self.take(address) {
                return mail;
            }
            assert!(begun.elapsed() < PATIENCE, "no mail to {address} has come within {PATIENCE:?}; there is {self:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Returns the token in the [next](Self::next) mail to an address, alone in the text or as a part of a link.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// use usermgr::{EmailAddress, Mail, Mailer, VerifyToken, testing::Mailbox};
    /// let mailbox = Mailbox::default();
    /// let text = "Welcome! Open https://shop.example/verify?token=eyJh.eyJz.c2ln, please.";
    /// mailbox.send(Mail::to(&EmailAddress::parse("ada@example.com")?).text(text)).await?;
    /// let token: VerifyToken = mailbox.next_token("ada@example.com").await;
    /// assert_eq!(token.expose(), "eyJh.eyJz.c2ln");
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// If no mail arrives, as for [`next`](Self::next), and if the mail contains no token or several.
    pub async fn next_token<P: Purpose>(&self, address: &str) -> Token<P> {
        let mail = self.next(address).await;
        match tokens_in(&mail.text)[..] {
            [token] => token.into(),
            ref tokens => panic!("the mail {:?} to {address} has {} tokens in it", mail.subject, tokens.len()),
        }
    }

    /// The oldest mail to an address that was not returned yet.
    fn take(&self, address: &str) -> Option<Mail> {
        let mut all = self.kept();
        let kept = all.iter_mut().find(|kept| !kept.is_taken && is_to(&kept.mail, address))?;
        kept.is_taken = true;
        Some(kept.mail.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_to(mail: &Mail, address: &str) -> bool {
    mail.to.as_str().eq_ignore_ascii_case(address)
}

/// The signed tokens in a text, each once: three parts of base64url separated by dots, of which the first begins a JSON object (RFC
/// 7515, 3.1).
fn tokens_in(text: &str) -> Vec<&str> {
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    // A full stop may follow it.
    let words = text.split(|c| !of_token(c)).map(|word| word.trim_end_matches('.'));
    let is_token = |word: &&str| {
        word.starts_with("eyJ") && word.split('.').count() == 3 && word.split('.').all(|part| !part.is_empty())
    };
    let mut tokens = Vec::new();
    for word in words.filter(is_token) {
        if !tokens.contains(&word) {
            tokens.push(word);
        }
    }
    tokens
}

/// Shows the recipients and subjects of mails, but not their text.
impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox ")?;
        f.debug_list().entries(self.kept().iter().map(|kept| &kept.mail)).finish()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.kept().push(Kept { mail, is_taken: false });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResetToken, user::EmailAddress};

    async fn send(mailbox: &Mailbox, address: &str, text: &str) {
        mailbox.send(Mail::to(&EmailAddress::parse(address).unwrap()).subject("S").text(text)).await.unwrap();
    }

    #[tokio::test]
    async fn each_mail_to_an_address_is_handed_out_once_in_its_order() {
        let mailbox = Mailbox::default();
        for (address, text) in [("ada@example.com", "1"), ("bob@example.com", "2"), ("ada@example.com", "3")] {
            send(&mailbox, address, text).await;
        }
        assert_eq!(mailbox.next("Ada@example.com").await.text, "1");
        assert_eq!(mailbox.clone().next("ada@example.com").await.text, "3");
        assert_eq!((mailbox.all().len(), mailbox.last("ada@example.com").unwrap().text.as_str()), (3, "3"));
        assert!(mailbox.take("ada@example.com").is_none());
    }

    #[tokio::test]
    async fn a_mail_that_is_still_to_come_is_waited_for() {
        let mailbox = Mailbox::default();
        let sender = mailbox.clone();
        let late = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            send(&sender, "ada@example.com", "late").await;
        });
        assert_eq!(mailbox.next("ada@example.com").await.text, "late");
        late.await.unwrap();
    }

    #[tokio::test]
    #[should_panic = "has 2 tokens"]
    async fn two_tokens_are_none() {
        let mailbox = Mailbox::default();
        send(&mailbox, "ada@example.com", "eyJa.b.c or eyJa.b.d").await;
        let _: ResetToken = mailbox.next_token("ada@example.com").await;
    }

    #[test]
    fn a_token_is_found_in_a_text_and_in_a_link() {
        for (text, tokens) in [
            ("eyJa.b.c", &["eyJa.b.c"][..]),
            ("Your token is eyJa.b-_.c.", &["eyJa.b-_.c"]),
            ("<a href=\"https://a.example/x?token=eyJa.b.c&y=1\">eyJa.b.c</a>", &["eyJa.b.c"]),
            ("https://a.example/eyJa.b.c/x", &["eyJa.b.c"]),
            ("www.shop.example eyJa.b eyJa..c eyJa.b.c.d", &[]),
        ] {
            assert_eq!(tokens_in(text), tokens, "{text}");
        }
    }
}
