//! A static host: it serves the built site below a sub-path, and can be as bad as hosts are.

use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
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
    /// Has lost what the page fetches only when it is asked for it.
    LaterLost,
    /// Keeps that back until [`Host::release`].
    LaterHeld,
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
        let (release, released) = watch::channel(!matches!(wasm, Wasm::Held | Wasm::LaterHeld));
        let router = Router::new()
            .nest_service(BASE, files)
            .layer(middleware::from_fn_with_state((wasm, released), serve));
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

type Way = (Wasm, watch::Receiver<bool>);

async fn serve(State((wasm, mut released)): State<Way>, request: Request, next: Next) -> Response {
    if !is_wasm(request.uri()) {
        return next.run(request).await;
    }
    let is_later = !request.uri().path().contains("/web-");
    match wasm {
        Wasm::LaterLost | Wasm::LaterHeld if !is_later => next.run(request).await,
        Wasm::Lost | Wasm::LaterLost => StatusCode::NOT_FOUND.into_response(),
        Wasm::OfNoType => {
            let mut response = next.run(request).await;
            let of_no_type = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(CONTENT_TYPE, of_no_type);
            response
        }
        Wasm::Served | Wasm::Held | Wasm::LaterHeld => {
            // It fails only when the host is gone, and then nobody waits for the answer.
            let _ = released.wait_for(|released| *released).await;
            next.run(request).await
        }
    }
}

fn is_wasm(address: &Uri) -> bool {
    address.path().ends_with(".wasm")
}
