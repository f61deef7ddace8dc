use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest name and value of a header that says where a request ends.
const LONGEST_LINE: usize = 128;

/// A connection whose requests have lines that end with CR and LF. RFC 9112, section 2.2, lets a server read a bare LF
/// as the end of a line; whoever passes requests on may not, and would then see other requests than this service.
///
/// It follows the length of each request, as it must know which bytes are of a body. After chunks nothing is
/// read as a head any more, because such a connection ends (`routes.rs`).
#[derive(Debug)]
pub(super) struct Strict<S> {
    inner: S,
    head: Head,
}

/// Where in a request the next byte is.
#[derive(Debug, Default)]
struct Head {
    /// Bytes of the body that are still to come.
    body: u64,
    is_last: bool,
    /// The beginning of the line.
    line: Vec<u8>,
    has_lines: bool,
    is_after_cr: bool,
    length: u64,
}

/// A line ended with LF alone.
#[derive(Debug, PartialEq, Eq)]
struct BareLineFeed;

impl<S> Strict<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            head: Head::default(),
        }
    }
}

impl Head {
    fn see(&mut self, mut bytes: &[u8]) -> Result<(), BareLineFeed> {
        while !self.is_last {
            let of_body = usize::try_from(self.body).unwrap_or(usize::MAX);
            let of_body = of_body.min(bytes.len());
            self.body = self.body.saturating_sub(of_body as u64);
            bytes = bytes.get(of_body..).unwrap_or_default();
            let Some((byte, rest)) = bytes.split_first() else {
                return Ok(());
            };
            bytes = rest;
            self.take(*byte)?;
        }
        Ok(())
    }

    fn take(&mut self, byte: u8) -> Result<(), BareLineFeed> {
        match byte {
            b'\n' if !self.is_after_cr => return Err(BareLineFeed),
            b'\n' => self.end_line(),
            b'\r' => {}
            byte if self.line.len() < LONGEST_LINE => self.line.push(byte),
            _ => {}
        }
        self.is_after_cr = byte == b'\r';
        Ok(())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            // Empty lines before a request mean nothing.
            if self.has_lines {
                self.body = self.length;
                self.length = 0;
                self.has_lines = false;
            }
            return;
        }
        self.has_lines = true;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return;
        };
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.is_last = true;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let value = std::str::from_utf8(value).ok();
            // Hyper refuses what is no number, and ends the connection.
            self.length = value.and_then(|value| value.parse().ok()).unwrap_or(0);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Strict<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            let new = buffer.filled().get(before..).unwrap_or_default();
            if let Err(BareLineFeed) = this.head.see(new) {
                let why = "a line ends with LF alone";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Strict<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole, and byte by byte.
    fn seen(text: &str) -> bool {
        let whole = Head::default().see(text.as_bytes());
        let mut head = Head::default();
        let mut bytes = text.as_bytes().chunks(1);
        let pieces = bytes.try_for_each(|byte| head.see(byte));
        assert_eq!(whole, pieces, "{text:?}");
        whole.is_ok()
    }

    #[test]
    fn a_line_feed_alone_is_of_a_body_or_nothing() {
        for good in [
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length : 0\r\nContent-Length:2\r\n\r\n\n\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n\n",
        ] {
            assert!(seen(good), "{good:?}");
        }
        for bad in [
            "GET / HTTP/1.1\nhost: a\n\n",
            "GET / HTTP/1.1\r\nx: a\ncontent-length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n\n\n\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n\n",
            "\nGET / HTTP/1.1\r\n\r\n",
        ] {
            assert!(!seen(bad), "{bad:?}");
        }
    }
}
