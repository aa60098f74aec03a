//! A static host on this machine: what a real one does, and an event that tells
//! the pages to reload.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use axum::Router;
use axum::http::{HeaderValue, header::CACHE_CONTROL};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use tokio::sync::broadcast;
use tokio_stream::{StreamExt, wrappers::BroadcastStream};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::failure::{Failure, Outcome};

/// A port that is ours and not yet answered.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

/// The browsers that have a page open.
pub struct Browsers {
    address: SocketAddr,
    reload: broadcast::Sender<()>,
}

impl Server {
    /// Takes a port of the loopback address; 0 takes any that is free.
    pub fn bind(port: u16) -> Outcome<Server> {
        let refused = |error: std::io::Error| {
            let other = if port == u16::MAX { 8080 } else { port + 1 };
            Failure::new(match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    format!(
                        "port {port} is in use by another program; take another one: `cargo xtask serve --port {other}`"
                    )
                }
                std::io::ErrorKind::PermissionDenied => {
                    format!(
                        "port {port} is for the system's own programs; take a higher one: `cargo xtask serve --port 8080`"
                    )
                }
                _ => {
                    format!("port {port} cannot be taken ({error}); take another one with `--port`")
                }
            })
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Server { listener, address })
    }

    /// Serves `folder` from now on, on a thread of its own.
    pub fn start(self, folder: PathBuf) -> Outcome<Browsers> {
        let (reload, _) = broadcast::channel(4);
        let router = router(folder, &reload);
        let (started, wait) = mpsc::channel();
        let Server { listener, address } = self;
        thread::spawn(move || {
            let run = || -> std::io::Result<()> {
                listener.set_nonblocking(true)?;
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    // From here on a browser is answered.
                    let _ = started.send(());
                    axum::serve(listener, router).await
                })
            };
            if let Err(error) = run() {
                crate::step::say(&format!("the server ended: {error}"));
            }
        });
        wait.recv()
            .map_err(|_| Failure::new("the server could not start; its words stand above"))?;
        Ok(Browsers { address, reload })
    }
}

impl Browsers {
    /// What to open.
    pub fn address(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Tells every open page to load itself again.
    pub fn reload(&self) {
        // Without an open page there is nobody to tell.
        let _ = self.reload.send(());
    }
}

fn router(folder: PathBuf, reload: &broadcast::Sender<()>) -> Router {
    let not_found = ServeFile::new(folder.join("404.html"));
    // Where a compressed copy lies beside a file, a browser that takes one is sent that.
    let files = ServeDir::new(folder)
        .precompressed_gzip()
        .not_found_service(not_found);
    let reload = reload.clone();
    let events = move || async move {
        let pages = BroadcastStream::new(reload.subscribe());
        let events =
            pages.map(|_| Ok::<_, Infallible>(Event::default().event("reload").data("site")));
        Sse::new(events).keep_alive(KeepAlive::default())
    };
    // Nothing is kept: two builds within a second look the same to a browser that asks by date.
    let fresh =
        SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Router::new()
        .route("/__reload", get(events))
        .fallback_service(files)
        .layer(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;

    fn ask(address: SocketAddr, path: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        BufReader::new(stream)
    }

    fn answer(address: SocketAddr, path: &str) -> String {
        let mut text = String::new();
        ask(address, path).read_to_string(&mut text).unwrap();
        text.to_lowercase()
    }

    #[test]
    fn the_server_answers_as_a_static_host_does() {
        let outer = std::env::temp_dir().join(format!("xtask-server-{}", std::process::id()));
        let folder = outer.join("site");
        std::fs::create_dir_all(folder.join("lessons/one")).unwrap();
        for (path, text) in [
            ("index.html", "home"),
            ("404.html", "nothing here"),
            ("web.wasm", "\0asm"),
            ("start.js", "1"),
            ("style.css", "a{}"),
            ("lessons/one/index.html", "one"),
            ("../secret.txt", "secret"),
        ] {
            std::fs::write(folder.join(path), text).unwrap();
        }
        let browsers = Server::bind(0).unwrap().start(folder).unwrap();
        let check = |path: &str, status: &str, words: &[&str]| {
            let answer = answer(browsers.address, path);
            assert!(
                answer.starts_with(&format!("http/1.1 {status}")),
                "{path}: {answer}"
            );
            for word in words {
                assert!(answer.contains(word), "{path}: no {word} in {answer}");
            }
            assert!(
                answer.contains("cache-control: no-store"),
                "{path}: {answer}"
            );
            assert!(!answer.contains("secret"), "{path}: {answer}");
        };
        check("/", "200", &["content-type: text/html", "home"]);
        check("/lessons/one/", "200", &["one"]);
        check("/lessons/one", "307", &["location: /lessons/one/"]);
        check("/web.wasm", "200", &["content-type: application/wasm"]);
        check("/start.js", "200", &["content-type: text/javascript"]);
        check("/style.css", "200", &["content-type: text/css"]);
        check(
            "/no-such-page",
            "404",
            &["nothing here", "content-type: text/html"],
        );
        check("/../secret.txt", "404", &["nothing here"]);
        check("/%2e%2e/secret.txt", "404", &["nothing here"]);
        check("/..%2fsecret.txt", "404", &["nothing here"]);

        // A compressed copy beside a file is for browsers that say they take one.
        std::fs::write(outer.join("site/start.js.gz"), "compressed").unwrap();
        check("/start.js", "200", &["content-length: 1"]);
        let taking = "/start.js HTTP/1.1\r\nAccept-Encoding: gzip\r\nX-Rest:";
        let told = answer(browsers.address, taking);
        assert!(told.contains("content-encoding: gzip"), "{told}");
        assert!(told.ends_with("compressed"), "{told}");

        let mut events = ask(browsers.address, "/__reload").lines();
        let opened = events.find(|line| line.as_ref().is_ok_and(|line| line.is_empty()));
        assert!(opened.is_some());
        browsers.reload();
        let told = events.find(|line| {
            line.as_ref()
                .is_ok_and(|line| line.contains("event: reload"))
        });
        assert!(told.is_some());
        std::fs::remove_dir_all(&outer).unwrap();
    }

    #[test]
    fn a_port_in_use_is_told_with_one_to_take_instead() {
        let taken = Server::bind(0).unwrap();
        let port = taken.address.port();
        let told = Server::bind(port).err().unwrap().to_string();
        assert!(
            told.contains(&format!("port {port} is in use")) && told.contains("--port"),
            "{told}"
        );
    }
}
