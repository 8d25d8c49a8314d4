//! Reading a request body: its pieces go in as a framework passes them, and the whole body comes out, or an error.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::{BODY_PATIENCE, MAX_BODY, PIECE_PATIENCE, Problem};

/// The whole body, if it is not too large, is complete, and arrives in time.
pub(crate) async fn whole<E>(pieces: impl Stream<Item = Result<Bytes, E>>) -> Result<Bytes, Problem> {
    let mut pieces = pin!(pieces);
    let end = Instant::now() + BODY_PATIENCE;
    let mut body = Body::Nothing;
    loop {
        let deadline = end.min(Instant::now() + PIECE_PATIENCE);
        match timeout_at(deadline, pieces.next()).await {
            Err(_) => return Err(Problem::timed_out()),
            Ok(None) => return Ok(body.into_bytes()),
            Ok(Some(Err(_))) => return Err(Problem::unreadable()),
            Ok(Some(Ok(piece))) => body = body.and(piece)?,
        }
    }
}

/// The part received so far. A body of one piece, as most are, is not copied, and a body is not moved while it grows: it may hold a password.
enum Body {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Body {
    fn and(self, piece: Bytes) -> Result<Self, Problem> {
        let mut body = match self {
            Self::Nothing if piece.len() <= MAX_BODY => return Ok(Self::One(piece)),
            Self::Nothing => return Err(Problem::too_large()),
            Self::One(first) => {
                let mut body = BytesMut::with_capacity(MAX_BODY);
                body.extend_from_slice(&first);
                body
            }
            Self::Many(body) => body,
        };
        if body.len() + piece.len() > MAX_BODY {
            return Err(Problem::too_large());
        }
        body.extend_from_slice(&piece);
        Ok(Self::Many(body))
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(piece) => piece,
            Self::Many(body) => body.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;

    use super::*;

    /// Pieces of these sizes, each after this pause, and whether the body breaks off after them.
    fn pieces(sizes: &[usize], pause: Duration, broken: bool) -> impl Stream<Item = Result<Bytes, ()>> {
        let pieces = sizes.iter().map(|size| Ok(Bytes::from(vec![b'x'; *size]))).chain(broken.then_some(Err(())));
        stream::iter(pieces.collect::<Vec<_>>()).then(move |piece| async move {
            tokio::time::sleep(pause).await;
            piece
        })
    }

    async fn status(sizes: &[usize], pause: u64, broken: bool) -> u16 {
        let body = whole(pieces(sizes, Duration::from_secs(pause), broken)).await;
        body.map_or_else(
            |problem| problem.into_outgoing().status.as_u16(),
            |body| {
                assert_eq!(body.len(), sizes.iter().sum::<usize>());
                200
            },
        )
    }

    #[tokio::test(start_paused = true)]
    async fn x10_a_body_is_bounded_in_size_in_silence_and_in_time() {
        for (sizes, pause, broken, expected) in [
            (&[][..], 0, false, 200),
            (&[5], 0, false, 200),
            (&[5, 6, 7], 0, false, 200),
            (&[MAX_BODY], 0, false, 200),
            (&[MAX_BODY + 1], 0, false, 413),
            (&[MAX_BODY, 1], 0, false, 413),
            (&[1, MAX_BODY - 1, 1], 0, false, 413),
            (&[5], 0, true, 400),
            (&[1, 1], 29, false, 200),
            (&[1], 31, false, 408),
            (&[1; 100], 5, false, 408),
        ] {
            let begun = Instant::now();
            assert_eq!(status(sizes, pause, broken).await, expected, "{} pieces, {pause}, {broken}", sizes.len());
            assert!(begun.elapsed() <= BODY_PATIENCE, "{:?}", begun.elapsed());
        }
    }
}
