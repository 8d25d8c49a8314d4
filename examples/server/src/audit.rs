//! The audit trail: every event goes to the log and, as one JSON line, to a file. A thread writes the file, so that a disk that is slow or
//! full delays no request and fails none.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use usermgr::audit::{AuditSink, Event, TracingSink};

use crate::private_file::append_to;

/// How many events may wait for the disk. Those beyond it are in the log alone.
const QUEUE: usize = 8192;
/// How long the end of the program waits for the disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where events go.
#[derive(Clone, Default)]
pub(crate) struct Trail(Option<Arc<Queue>>);

struct Queue {
    send: SyncSender<Order>,
    /// The events that found no place since the last report.
    lost: Arc<AtomicU64>,
}

/// What the thread has to do.
enum Order {
    Write(String),
    /// Open the file again, under the same name.
    Reopen,
    /// Say that everything before this is written.
    Flush(SyncSender<()>),
}

impl Trail {
    /// A trail that is also in a file, if there is one.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let file = append_to(path)?;
        let (send, orders) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let writer = Writer { path: path.to_owned(), file, failing: false, lost: lost.clone() };
        thread::Builder::new().name("audit".into()).spawn(move || writer.run(&orders))?;
        Ok(Self(Some(Arc::new(Queue { send, lost }))))
    }

    /// Whether it is in a file.
    pub(crate) fn has_file(&self) -> bool {
        self.0.is_some()
    }

    /// Opens the file again, since it was moved.
    pub(crate) fn reopen(&self) {
        if let Some(Queue { send, .. }) = self.0.as_deref()
            && send.try_send(Order::Reopen).is_err()
        {
            tracing::error!("the audit file is not opened again: the disk does not answer");
        }
    }

    /// Waits until the file has all events.
    pub(crate) fn flush(&self) {
        let Some(Queue { send, .. }) = self.0.as_deref() else { return };
        let (done, written) = sync_channel(1);
        if send.try_send(Order::Flush(done)).is_err() || written.recv_timeout(PATIENCE).is_err() {
            tracing::error!("the audit file lacks the last events: the disk does not answer");
        }
    }
}

impl AuditSink for Trail {
    fn record(&self, event: &Event) {
        TracingSink.record(event);
        let Some(Queue { send, lost }) = self.0.as_deref() else { return };
        match serde_json::to_string(event) {
            Ok(line) => {
                if send.try_send(Order::Write(line)).is_err() && lost.fetch_add(1, Relaxed) == 0 {
                    tracing::error!("events are missing in the audit file: the disk does not answer");
                }
            }
            Err(error) => tracing::error!(%error, "an event is not in the audit file"),
        }
    }
}

/// The thread's side.
struct Writer {
    path: PathBuf,
    file: File,
    /// Whether the last line could not be written: it may be there in part.
    failing: bool,
    lost: Arc<AtomicU64>,
}

impl Writer {
    fn run(mut self, orders: &Receiver<Order>) {
        for order in orders {
            match order {
                Order::Write(line) => self.write(&line),
                Order::Reopen => match append_to(&self.path) {
                    Ok(file) => self.file = file,
                    Err(error) => tracing::error!(%error, "the audit file could not be opened again"),
                },
                Order::Flush(done) => drop(done.send(())),
            }
        }
    }

    /// Writes a line. A failure is logged when it begins and when it ends.
    fn write(&mut self, line: &str) {
        let begin = if self.failing { "\n" } else { "" };
        match self.file.write_all(format!("{begin}{line}\n").as_bytes()) {
            Ok(()) => {
                self.failing = false;
                let lost = self.lost.swap(0, Relaxed);
                if lost > 0 {
                    tracing::error!(lost, "events are missing in the audit file");
                }
            }
            Err(error) => {
                if !self.failing {
                    tracing::error!(%error, "the audit file cannot be written");
                }
                self.failing = true;
                self.lost.fetch_add(1, Relaxed);
            }
        }
    }
}
