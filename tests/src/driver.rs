//! The driver's process and the browsers it starts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::environment;

/// How the browser is started, in every story. Nothing of it reaches for the network by itself.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// How long the driver may take to end its browsers.
const FAREWELL: Duration = Duration::from_secs(10);

/// Whether a browser notes what its pages ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Requests {
    /// It does not.
    #[default]
    Forgotten,
    /// It does, for [`crate::visitor::Visitor::requests`].
    Noted,
}

/// A running driver; it ends when this is dropped.
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver on a free port of the loopback address. The driver looks for the port
    /// itself and may lose it again to another one that starts at the same moment; then it ends,
    /// and another try finds another port.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start() -> Driver {
        const TRIES: usize = 5;
        (0..TRIES)
            .find_map(|_| Driver::try_start())
            .expect("the driver says its port")
    }

    fn try_start() -> Option<Driver> {
        let program = environment::driver();
        let mut process = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{} cannot be started ({error}): run `cargo xtask test`, which finds one",
                    program.display()
                )
            });
        let said = BufReader::new(process.stdout.take().expect("its output is piped"));
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            line.split_once("started successfully on port ")
                .and_then(|(_, port)| port.trim_end_matches('.').parse().ok())
        });
        match port {
            Some(port) => Some(Driver { process, port }),
            None => {
                let _ = process.kill();
                let _ = process.wait();
                None
            }
        }
    }

    /// A browser with a fresh profile and the preferences given. Noting every request costs time,
    /// so it does so only where they are read.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub async fn browser(&self, preferences: &Value, requests: Requests) -> Client {
        let mut options = json!({ "args": ARGUMENTS, "prefs": preferences });
        if let Some(browser) = environment::browser() {
            options["binary"] = browser.into();
        }
        let mut capabilities = json!({
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 30_000, "pageLoad": 30_000 },
        });
        if requests == Requests::Noted {
            capabilities["goog:loggingPrefs"]["performance"] = "ALL".into();
        }
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written as an object")
        };
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap_or_else(|error| panic!("the browser cannot be started: {error}"))
    }
}

impl Drop for Driver {
    /// Asks the driver to end: killed at once it would leave the browsers behind that a failed
    /// story has not closed.
    fn drop(&mut self) {
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(|mut stream| {
            stream.set_read_timeout(Some(FAREWELL))?;
            stream.write_all(
                b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            )?;
            // It answers when the browsers have ended.
            stream.read_to_end(&mut Vec::new())
        });
        if asked.is_err() {
            // It has ended by itself, or does not listen.
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
