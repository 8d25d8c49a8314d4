//! The retry loop of every change: read, decide, write, and again after a concurrent write. The types of the errors
//! contain only what that kind of change can meet.

use crate::{
    attempts::Attempts,
    error::{Fault, Rejection},
    store::StoreError,
};

/// Why a transaction was not committed.
#[derive(Debug)]
pub(crate) enum Uncommitted {
    /// The hook inside the transaction refused.
    Rejected(Rejection),
    /// A failure, or a concurrent write.
    Fault(Fault),
}

impl From<StoreError> for Uncommitted {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Uncommitted {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Why an attempt has written nothing.
#[derive(Debug)]
pub(crate) enum Unwritten<E> {
    /// A concurrent write came first: read and decide again.
    Stale,
    /// The operation ends with this error.
    Because(E),
}

impl<E: From<Fault>> From<Fault> for Unwritten<E> {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(StoreError::Stale) => Self::Stale,
            fault => Self::Because(fault.into()),
        }
    }
}

impl<E: From<Fault>> From<StoreError> for Unwritten<E> {
    fn from(error: StoreError) -> Self {
        Fault::Store(error).into()
    }
}

impl<E: From<Rejection>> From<Rejection> for Unwritten<E> {
    fn from(rejection: Rejection) -> Self {
        Self::Because(rejection.into())
    }
}

impl<E: From<Fault> + From<Rejection>> From<Uncommitted> for Unwritten<E> {
    fn from(error: Uncommitted) -> Self {
        match error {
            Uncommitted::Rejected(rejection) => Self::Because(rejection.into()),
            Uncommitted::Fault(fault) => fault.into(),
        }
    }
}

/// Reads and writes until no concurrent write interferes. It pauses between the tries. A row that changes at every try
/// is busy.
///
/// - `first`: what was already read, if anything.
/// - `read`: reads again, and refuses if the row no longer is what the operation has judged.
pub(crate) async fn until_written<R, T, E: From<Fault>, Read, Write>(
    mut first: Option<R>,
    read: impl Fn() -> Read,
    write: impl Fn(R) -> Write,
) -> Result<T, E>
where
    Read: Future<Output = Result<R, E>>,
    Write: Future<Output = Result<T, Unwritten<E>>>,
{
    let mut attempts = Attempts::default();
    loop {
        let row = match first.take() {
            Some(row) => row,
            // Both are on the heap, because a whole change in the future of its operation can exceed the stack of a
            // thread in unoptimized builds.
            None => Box::pin(read()).await?,
        };
        match Box::pin(write(row)).await {
            Ok(written) => return Ok(written),
            Err(Unwritten::Because(error)) => return Err(error),
            Err(Unwritten::Stale) => attempts.another_or_busy().await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_change_is_read_again_when_another_was_in_the_way_and_is_busy_after_four_tries() {
        let (reads, writes) = (&Cell::new(0), &Cell::new(0));
        let read = || async {
            reads.set(reads.get() + 1);
            Ok::<_, Fault>(reads.get())
        };
        let write = |row| async move {
            writes.set(writes.get() + 1);
            if row < 2 { Err(StoreError::Stale.into()) } else { Ok(row) }
        };
        assert_eq!(until_written(Some(0), read, write).await.unwrap(), 2);
        assert_eq!((reads.get(), writes.get()), (2, 3));

        writes.set(0);
        let write = |()| async {
            writes.set(writes.get() + 1);
            Err::<(), _>(StoreError::Stale.into())
        };
        assert!(matches!(until_written(Some(()), || async { Ok(()) }, write).await, Err(Fault::Busy)));
        assert_eq!(writes.get(), 4);
    }

    #[tokio::test]
    async fn what_refuses_a_change_or_fails_ends_it_at_once() {
        let writes = &Cell::new(0);
        let write = |()| async {
            writes.set(writes.get() + 1);
            Err::<(), _>(Unwritten::from(StoreError::Conflict))
        };
        let ended = until_written(Some(()), || async { Ok(()) }, write).await;
        assert!(matches!(ended, Err(Fault::Store(StoreError::Conflict))), "{ended:?}");
        assert_eq!(writes.get(), 1);
    }
}
