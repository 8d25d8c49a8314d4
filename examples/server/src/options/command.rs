//! The commands: what an operator may ask of the server at a terminal.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve (the default).
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Say whether the settings are good and the database answers, as one JSON line. It changes nothing.
    Check {
        /// Ask the server that listens instead whether it is alive, as the health check of a container.
        #[arg(long)]
        health: bool,
    },
    /// Create a verified superuser; the password is read from the terminal or, with the flag, from standard input.
    CreateSuperuser {
        /// The address.
        #[arg(long)]
        email: String,
        /// Read the password from standard input, the first line of it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Create a user and print them. Without a password, the user sets one by the mail of `send-reset`.
    CreateUser {
        /// The address.
        #[arg(long)]
        email: String,
        /// The user name, which may be a reserved one. Needs `--usernames`.
        #[arg(long)]
        username: Option<String>,
        /// Read a password from standard input, the first line of it.
        #[arg(long)]
        password_stdin: bool,
        /// The address is known to be the user's.
        #[arg(long)]
        verified: bool,
    },
    /// Create the account of a program, which owns API keys and never logs in, and print it. Needs `--api-keys`.
    CreateServiceAccount {
        /// The name, which becomes the address `NAME@service.invalid`.
        name: String,
        /// Make an API key with this permission too, and print it once. May be given several times.
        #[arg(long)]
        scope: Vec<String>,
    },
    /// Invite an address and print the invitation: its owner gets a mail, and chooses a password.
    Invite {
        /// The address.
        #[arg(long)]
        email: String,
    },
    /// Make a user a verified superuser.
    Promote(Chosen),
    /// Make a superuser a user as others. One active superuser must remain.
    Demote(Chosen),
    /// Print all users, one JSON line each.
    ListUsers,
    /// Print the users that meet all conditions, one JSON line each. It reads all users.
    Find(Conditions),
    /// Print a user with their sessions.
    Show(Chosen),
    /// Make a user inactive and end their sessions. One active superuser must remain.
    Block(Chosen),
    /// Make a user active again.
    Unblock(Chosen),
    /// Mail a link that sets a new password.
    SendReset(Chosen),
    /// End all sessions of a user, signed tokens included.
    EndSessions(Chosen),
    /// Remove all second factors of a user who has lost them, and end the user's sessions.
    RemoveFactors(Chosen),
    /// Delete a user with everything that belongs to them. One active superuser must remain.
    DeleteUser(Chosen),
    /// Deliver mails until it is stopped, as one more worker beside those of the servers. Needs `--smtp-url` or
    /// `--mail-file`.
    Deliver {
        /// Deliver what is due now, and stop.
        #[arg(long)]
        once: bool,
    },
    /// Mails that were given up after their last attempt.
    #[command(subcommand)]
    Outbox(OutboxTask),
    /// Send a mail through the mail server, and print its answer.
    SendTestMail {
        /// The recipient.
        #[arg(long)]
        to: String,
    },
    /// Write every mail in every language into a folder: as HTML, as text and as it is sent.
    PreviewMails {
        /// The folder.
        folder: PathBuf,
    },
    /// Delete what has expired. The server does it by itself, once an hour.
    Purge {
        /// Delete the mails too that have failed more than this many days ago.
        #[arg(long)]
        failed_mails: Option<u32>,
    },
    /// Seal what rows keep secret with the current `--data-secret`, so that earlier secrets can be dropped.
    Reseal,
    /// Import the users of a FastAPI Users application, or of another usermgr database. It can be run again, and reports what it left out.
    ///
    /// Ends with 0 when everything came over, with 3 when an account or a credential did not, or only without its password, and with 1 when
    /// it could not be done at all. Of a usermgr database all credentials come, such as second factors and API keys.
    ImportFastapiUsers {
        /// The database that has them: `sqlite://FILE` or `postgres://..`. The names of SQLAlchemy's drivers are understood too.
        #[arg(long)]
        from: String,
        /// The table of the users. Without it `user` is read, or usermgr's own, whichever has the right columns; in PostgreSQL a schema
        /// may stand before it, as in `shop.members`.
        #[arg(long)]
        table: Option<String>,
        /// The table of the links to other providers. Without it `oauth_account` is read, or usermgr's own with all credentials.
        #[arg(long)]
        oauth_table: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum OutboxTask {
    /// Print the mails that were given up, one JSON line each, with the reason.
    List,
    /// Give mails all their attempts again, from now on.
    Retry(Mails),
    /// Delete mails that were given up.
    Drop(Mails),
}

/// Which of the mails that were given up.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Mails {
    /// The ids of mails, as `outbox list` prints them.
    pub(crate) ids: Vec<String>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
}

/// One user.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Chosen {
    /// The address of the user.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// The user name of the user.
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// The id of the user.
    #[arg(long)]
    pub(crate) id: Option<Uuid>,
}

/// Which users are sought.
#[derive(Args)]
pub(crate) struct Conditions {
    /// A part of the address or of the user name, in any case.
    pub(crate) text: Option<String>,
    /// Superusers alone.
    #[arg(long)]
    pub(crate) superusers: bool,
    /// Blocked users alone.
    #[arg(long)]
    pub(crate) inactive: bool,
    /// Users alone whose address is not verified.
    #[arg(long)]
    pub(crate) unverified: bool,
}
