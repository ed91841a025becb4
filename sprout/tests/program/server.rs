//! A server as a process of its own, which does not outlive its test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::Result;
use crate::client::Client;

/// A server that is killed when nobody needs it any more.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// Every line that it printed until it listened, without the last.
    pub(crate) said: Vec<String>,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Runs a command that serves, and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdout(Stdio::piped()).spawn()?;
        let mut server = Self { child, said: Vec::new(), address: String::new() };
        for line in BufReader::new(server.child.stdout.take().ok_or("no stdout")?).lines() {
            let line = line?;
            if let Some(address) = line.strip_prefix("Sprout is listening on http://") {
                address.clone_into(&mut server.address);
                return Ok(server);
            }
            server.said.push(line);
        }
        Err(format!("the server did not start: {:?}", server.said).into())
    }

    /// Sends a request on a connection of its own, and returns the status and the body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        let mut client = Client::connect(&self.address)?;
        let reply = client.ask(method, path, "application/json", body.as_bytes())?;
        Ok((reply.status, String::from_utf8(reply.body.to_vec())?))
    }

    pub(crate) fn signal(&self, name: &str) -> Result {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err("the signal was not sent".into()) }
    }

    /// Sends a signal and returns the code that the server ended with.
    pub(crate) fn stop(mut self, signal: &str) -> Result<Option<i32>> {
        self.signal(signal)?;
        Ok(self.child.wait()?.code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already when the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
