//! Requests over a real socket that stays open. What comes must have a length and nothing behind it.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;

/// A connection to a server.
pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    reply: Vec<u8>,
}

/// A reply, which stands in the client's memory.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Client {
    pub(crate) fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::new(), reply: Vec::new() })
    }

    /// Sends a request and waits for the reply.
    pub(crate) fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Reply<'_>> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )?;
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request)?;
        self.reply.clear();
        let mut expected = None;
        loop {
            if let Some((head, length)) = expected
                && self.reply.len() >= head + length
            {
                if self.reply.len() > head + length {
                    return Err(Error::other("there is more than the reply"));
                }
                let status = self.reply[..head].get(9..12).and_then(|digits| str::from_utf8(digits).ok());
                let status = status.and_then(|digits| digits.parse().ok());
                let status = status.ok_or_else(|| Error::other("the reply has no status"))?;
                return Ok(Reply { status, body: &self.reply[head..] });
            }
            let mut piece = [0; 16 << 10];
            let count = self.stream.read(&mut piece)?;
            if count == 0 {
                return Err(Error::other("the connection ended within a reply"));
            }
            self.reply.extend_from_slice(&piece[..count]);
            if expected.is_none() {
                expected = head(&self.reply)?;
            }
        }
    }
}

/// Returns how long the head of a reply is, and how long its body will be; nothing before the head is there.
fn head(reply: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = reply.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = str::from_utf8(&reply[..end]).map_err(Error::other)?;
    let status = head.get(9..12);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    match (length, status) {
        (Some(length), _) => Ok(Some((end + 4, length))),
        (None, Some("204" | "304")) => Ok(Some((end + 4, 0))),
        _ => Err(Error::other(format!("a reply without a length: {head}"))),
    }
}
