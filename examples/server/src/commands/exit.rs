//! How a command ends: its error goes in, and the exit code comes out.

use std::{error::Error, fmt};

use usermgr::{
    DeleteError, Fault, RegisterError, ResetError, SessionError, UpdateError,
    api_keys::ApiKeyError,
    error::{Cause, Coded},
};

/// What `--help` and the guide say of the codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  failed: a setting is wrong, or the database or another service does not answer
  2  the command line is wrong
  3  done in part; the output says what is missing
  4  there is no such user, or no such mail
  5  refused: the address is taken, the password is too weak, it is the last superuser";

/// What a command itself finds wrong, with the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// The command lacks an option.
    pub(crate) fn usage(text: &str) -> Self {
        Self { code: 2, text: text.to_owned() }
    }

    /// The output says what is missing.
    pub(crate) fn in_part(text: &str) -> Self {
        Self { code: 3, text: text.to_owned() }
    }

    /// No user has this address or id.
    pub(crate) fn no_such_user(name: &str) -> Self {
        Self { code: 4, text: format!("there is no user {name}") }
    }

    /// No mail with this id was given up.
    pub(crate) fn no_such_mail(id: &str) -> Self {
        Self { code: 4, text: format!("no mail {id} was given up") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failure {}

/// The cause of an error of this type.
fn cause<'a, E: Coded + Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<Cause<'a>> {
    error.downcast_ref::<E>().map(Coded::cause)
}

/// The errors of the operations that the commands call.
const OPERATIONS: [for<'a> fn(&'a (dyn Error + 'static)) -> Option<Cause<'a>>; 7] = [
    cause::<RegisterError>,
    cause::<UpdateError>,
    cause::<DeleteError>,
    cause::<ResetError>,
    cause::<SessionError>,
    cause::<ApiKeyError>,
    cause::<Fault>,
];

/// The exit code of an error.
pub(crate) fn code(error: &(dyn Error + 'static)) -> u8 {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.code;
    }
    match OPERATIONS.iter().find_map(|cause| cause(error)) {
        None | Some(Cause::Fault(_)) => 1,
        Some(Cause::NotFound) => 4,
        Some(_) => 5,
    }
}
