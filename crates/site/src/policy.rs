//! What a page may load and run: only what this site serves, and nothing written into the page.
//!
//! Stated twice, because a static host may send headers or not: in every page, and in `_headers`,
//! which hosts that read such a file obey. `frame-ancestors` has an effect only in a header.

/// The content security policy.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

/// The file `_headers`.
pub fn headers() -> String {
    format!(
        "/*\n  Content-Security-Policy: {POLICY}; frame-ancestors 'none'\n  X-Content-Type-Options: nosniff\n  \
         Referrer-Policy: no-referrer\n\n/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n"
    )
}
