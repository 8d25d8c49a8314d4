//! How a command ends: its error goes in, and the exit code comes out.

use std::{error::Error, fmt};

use usermgr::{
    DeleteError, Fault, RegisterError, ResetError, SessionError, UpdateError,
    error::{Cause, Coded},
};

use crate::import;

/// What `--help` and the guide say of the codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  failed: a setting is wrong, or the database or another service does not answer
  2  the command line is wrong
  3  done in part; the output says what is missing
  4  there is no such user
  5  refused: the address is taken, the password is too weak, it is the last superuser";

/// No user has this address or id.
#[derive(Debug)]
pub(crate) struct NoSuchUser(pub(crate) String);

impl fmt::Display for NoSuchUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no user {}", self.0)
    }
}

impl Error for NoSuchUser {}

impl Coded for NoSuchUser {
    fn cause(&self) -> Cause<'_> {
        Cause::NotFound
    }
}

/// The command lacks an option.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) &'static str);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Usage {}

/// The output says what is missing.
#[derive(Debug)]
pub(crate) struct InPart(pub(crate) &'static str);

impl fmt::Display for InPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for InPart {}

/// The cause of an error of this type.
fn cause<'a, E: Coded + Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<Cause<'a>> {
    error.downcast_ref::<E>().map(Coded::cause)
}

/// The errors of the operations that the commands call.
const OPERATIONS: [for<'a> fn(&'a (dyn Error + 'static)) -> Option<Cause<'a>>; 7] = [
    cause::<NoSuchUser>,
    cause::<RegisterError>,
    cause::<UpdateError>,
    cause::<DeleteError>,
    cause::<ResetError>,
    cause::<SessionError>,
    cause::<Fault>,
];

/// The exit code of an error.
pub(crate) fn code(error: &(dyn Error + 'static)) -> u8 {
    if error.is::<Usage>() {
        return 2;
    }
    if error.is::<InPart>() || error.is::<import::Incomplete>() {
        return 3;
    }
    match OPERATIONS.iter().find_map(|cause| cause(error)) {
        None | Some(Cause::Fault(_)) => 1,
        Some(Cause::NotFound) => 4,
        Some(_) => 5,
    }
}
