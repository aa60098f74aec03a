//! The page for what is not there.

use maud::html;

use crate::page::{Kind, Needs, Page};

/// `404.html`, which static hosts show under any address that nothing stands at.
pub fn page() -> Page {
    Page {
        path: "404.html".to_owned(),
        heading: "Nothing is stored at this address".to_owned(),
        description: "There is no such page. The course begins on its first page.".to_owned(),
        kind: Kind::Missing,
        needs: Needs::Nothing,
        body: html! {
            div.page.alone {
                main #main tabindex="-1" {
                    div.prose.home {
                        h1 { "Nothing is stored at this address" }
                        p { "The link may be old, or mistyped. It is not on its way: sending it again will not help." }
                        p { a.go href="index.html" data-in-site="index.html" { "To the course" } }
                    }
                }
            }
        },
    }
}
