//! The first page: what this is, one thing to see at once, and what there is to learn.

use maud::{Markup, html};

use crate::invitation::Invitation;
use crate::page::{Kind, Needs, Page};
use crate::review;

/// The page.
pub fn page(map: Markup, invitation: Option<&Invitation>, progress: Markup) -> Page {
    const TITLE: &str = "At Least Once: messaging systems, one step at a time";
    const DESCRIPTION: &str = "A course on messaging systems whose examples run in the page: step through a broker and its \
        consumers, crash a process where you like, and see what is lost and what happens twice.";
    Page {
        path: "index.html".to_owned(),
        heading: TITLE.to_owned(),
        description: DESCRIPTION.to_owned(),
        kind: Kind::Home,
        needs: Needs::Module,
        body: html! {
            div.page.alone {
                main #main tabindex="-1" {
                    div.home {
                        h1 { "Messaging systems, one step at a time" }
                        p.lead {
                            "Kafka, Amazon SQS, RabbitMQ and what is built on them run in this page: you step through what happens, "
                            "crash a process where you like, and see what the customer gets. "
                            "Every number in the text is computed by the engine that you play with, "
                            "and the engine is held against the real brokers."
                        }
                        @if let Some(invitation) = invitation { (invitation.html()) }
                        (map)
                        section aria-labelledby="progress" {
                            h2 #progress { "Your progress" }
                            p { a href=(review::PATH) { "Review" } ": questions that you missed, and old ones, come back there after some days." }
                            (progress)
                        }
                        section.prose aria-labelledby="browsers" {
                            h2 #browsers { "What it runs in" }
                            p {
                                "Browsers of the last two years: Chrome and Edge 131, Firefox 133, Safari 18.2, and newer. "
                                "Elsewhere, or without scripts, the text, the first pictures and the worked traces can be read."
                            }
                        }
                    }
                }
            }
        },
    }
}
