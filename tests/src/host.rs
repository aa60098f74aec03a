//! A static host: it serves the built site below a sub-path, and can be as bad as hosts are.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::services::{ServeDir, ServeFile};

use crate::environment;

/// Below which path the site stands.
pub const BASE: &str = "/some/where/";

/// What the host does with WebAssembly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wasm {
    /// Serves it as what it is.
    #[default]
    Served,
    /// Serves it as bytes of no known type.
    OfNoType,
    /// Has lost it.
    Lost,
    /// Keeps it back until [`Host::release`].
    Held,
    /// Serves the page's module to whoever asks first, and has lost it then.
    Once,
    /// Has lost the script of the worker.
    WorkerLost,
    /// Keeps that back until [`Host::release`].
    WorkerHeld,
    /// Has lost the language that learners write in.
    LanguageLost,
}

/// A running host; it ends with the executor that it runs on.
pub struct Host {
    origin: String,
    release: watch::Sender<bool>,
}

impl Host {
    /// Opens the host on a free port of the loopback address.
    ///
    /// # Panics
    /// Where there is no site or no port.
    pub async fn open(wasm: Wasm) -> Host {
        let site = environment::site();
        let not_found = ServeFile::new(site.join("404.html"));
        let files = ServeDir::new(site).not_found_service(not_found);
        let (release, released) = watch::channel(!matches!(wasm, Wasm::Held | Wasm::WorkerHeld));
        let way = Way {
            wasm,
            released,
            asked: Arc::default(),
        };
        let router = Router::new()
            .nest_service(BASE, files)
            .layer(middleware::from_fn_with_state(way, serve));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port of the loopback address is free");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Host {
            origin: format!("http://{address}"),
            release,
        }
    }

    /// The address of a page, by its path in the site.
    pub fn address(&self, path: &str) -> String {
        format!("{}{BASE}{path}", self.origin)
    }

    /// Lets the module go that was kept back.
    pub fn release(&self) {
        self.release.send_replace(true);
    }
}

/// How requests are answered.
#[derive(Clone)]
struct Way {
    wasm: Wasm,
    released: watch::Receiver<bool>,
    /// Whether the page's module was asked for.
    asked: Arc<AtomicBool>,
}

/// What of WebAssembly a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The page's module.
    Module,
    /// The script of the worker.
    Worker,
    /// The language's module.
    Language,
}

async fn serve(State(mut way): State<Way>, request: Request, next: Next) -> Response {
    let Some(part) = part(request.uri()) else {
        return next.run(request).await;
    };
    let lost = match (way.wasm, part) {
        (Wasm::Lost, Part::Module | Part::Language)
        | (Wasm::WorkerLost, Part::Worker)
        | (Wasm::LanguageLost, Part::Language) => true,
        (Wasm::Once, Part::Module) => way.asked.swap(true, Ordering::Relaxed),
        _ => false,
    };
    if lost {
        return StatusCode::NOT_FOUND.into_response();
    }
    let held = matches!(
        (way.wasm, part),
        (Wasm::Held, Part::Module | Part::Language) | (Wasm::WorkerHeld, Part::Worker)
    );
    if held {
        // It fails only when the host is gone, and then nobody waits for the answer.
        let _ = way.released.wait_for(|released| *released).await;
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    match way.wasm {
        Wasm::OfNoType if part != Part::Worker => {
            let of_no_type = HeaderValue::from_static("application/octet-stream");
            headers.insert(CONTENT_TYPE, of_no_type);
        }
        // Whoever wants it again has to ask again.
        Wasm::Once => drop(headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"))),
        _ => {}
    }
    response
}

fn part(address: &Uri) -> Option<Part> {
    let (_, name) = address.path().rsplit_once('/')?;
    match (name.ends_with(".wasm"), name) {
        (true, _) if name.starts_with("web-") => Some(Part::Module),
        (true, _) => Some(Part::Language),
        (false, _) if name.starts_with("worker-") => Some(Part::Worker),
        _ => None,
    }
}
