//! A primer: words with their meaning, and a picture of how the things they name belong together.
//!
//! It stands before the first player and is folded: who knows the words has one line to pass over.

use course::primer::{Picture, Primer};
use maud::{Markup, PreEscaped, html};

/// A primer.
pub fn primer(primer: &Primer) -> Markup {
    html! {
        details.primer id={ "primer-" (primer.id) } {
            summary { (primer.title) }
            div.primer-body {
                (picture(primer.picture))
                dl {
                    @for (term, means) in &primer.lines {
                        div { dt { (term) } dd { (PreEscaped(means)) } }
                    }
                }
            }
        }
    }
}

fn picture(picture: Picture) -> Markup {
    match picture {
        Picture::Log => log(),
        Picture::Queue => queue(),
    }
}

/// A box: its corner, width, height, and how it is drawn.
fn boxed(x: i32, y: i32, width: i32, height: i32, class: &str) -> Markup {
    html! { rect x=(x) y=(y) width=(width) height=(height) rx="6" class=(class) {} }
}

/// Words that begin at a place.
fn words(x: i32, y: i32, words: &str) -> Markup {
    html! { text x=(x) y=(y) { (words) } }
}

/// Words around a place.
fn centred(x: i32, y: i32, words: &str) -> Markup {
    html! { text x=(x) y=(y) text-anchor="middle" { (words) } }
}

/// An arrow along a line from left to right, or from right to left.
fn arrow(from: i32, to: i32, y: i32) -> Markup {
    let back = if to > from { -6 } else { 6 };
    html! { path class="arrow" d={ "M" (from) " " (y) "H" (to) "m" (back) " -4l" (-back) " 4l" (back) " 4" } {} }
}

/// A partition: its name, records with their offsets, and the place of the next one.
fn partition(y: i32, name: &str, records: i32) -> Markup {
    const FIRST: i32 = 16;
    const WIDE: i32 = 46;
    html! {
        (words(FIRST, y, name))
        @for offset in 0..records {
            (boxed(FIRST + WIDE * offset, y + 6, WIDE - 2, 22, "held"))
            (centred(FIRST + WIDE * offset + WIDE / 2 - 1, y + 21, "record"))
            (centred(FIRST + WIDE * offset + WIDE / 2 - 1, y + 41, &offset.to_string()))
        }
        (boxed(FIRST + WIDE * records, y + 6, 28, 22, "open"))
    }
}

fn log() -> Markup {
    let said = "A broker holds the topic orders with two partitions. Each is a row of records, numbered from 0 by their \
        offsets, with room for the next one at its end. Two processes are a group; each reads one partition.";
    html! {
        svg.primer-picture viewBox="0 0 300 184" role="img" aria-label=(said) {
            (words(6, 14, "broker")) (boxed(1, 20, 196, 162, "outer"))
            (words(12, 36, "topic orders")) (boxed(8, 42, 182, 134, "open"))
            (partition(58, "partition 0", 3))
            (words(149, 99, "offset"))
            (partition(124, "partition 1", 2))
            (words(222, 36, "group")) (boxed(218, 42, 81, 134, "open"))
            (boxed(225, 60, 67, 34, "held")) (centred(258, 81, "process"))
            (boxed(225, 124, 67, 34, "held")) (centred(258, 145, "process"))
            (arrow(192, 223, 75)) (arrow(192, 223, 141))
        }
    }
}

fn queue() -> Markup {
    let said = "A queue holds three messages. One has been received by a process: it is hidden in the queue for the \
        visibility time-out, its receive count is 1, and the process holds a receipt, with which it deletes the message.";
    html! {
        svg.primer-picture viewBox="0 0 300 160" role="img" aria-label=(said) {
            (words(6, 14, "queue")) (boxed(1, 20, 126, 116, "outer"))
            (boxed(10, 30, 108, 26, "held")) (centred(64, 47, "message"))
            (boxed(10, 65, 108, 26, "open")) (centred(64, 82, "hidden, count 1"))
            (boxed(10, 100, 108, 26, "held")) (centred(64, 117, "message"))
            (words(214, 14, "process")) (boxed(208, 20, 91, 116, "outer"))
            (boxed(216, 52, 75, 22, "held")) (centred(253, 67, "message"))
            (boxed(216, 84, 75, 22, "mark")) (centred(253, 99, "receipt"))
            (arrow(122, 212, 66)) (centred(167, 58, "receive"))
            (arrow(212, 122, 92)) (centred(167, 108, "delete"))
            (words(6, 154, "hidden: until the visibility time-out"))
        }
    }
}
