//! Notes in a lesson: told apart by a sign and a word, and only then by colour.

use course::lesson::NoteKind;
use maud::{Markup, PreEscaped, html};

/// How a kind of note looks.
struct Look {
    word: &'static str,
    class: &'static str,
    /// Paths in a square of 20.
    sign: &'static str,
}

const fn look(kind: NoteKind) -> Look {
    match kind {
        NoteKind::Trap => Look {
            word: "Trap",
            class: "note note-trap",
            sign: "M10 2.5 18.5 17.5h-17zM10 8v4.5M10 15v.1",
        },
        NoteKind::DoThis => Look {
            word: "Do this",
            class: "note note-do",
            sign: "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M6.5 10.2 9 12.7 13.7 7.5",
        },
        NoteKind::Interview => Look {
            word: "In an interview",
            class: "note note-interview",
            sign: "M3 3.5h14v10h-7l-4 3.5v-3.5H3zM7 7h6M7 10h4",
        },
        NoteKind::RealSystem => Look {
            word: "In a real system",
            class: "note note-real",
            sign: "M3 3h14v5.5H3zM3 11.5h14V17H3zM6 5.8h.1M6 14.3h.1M10 5.8h4M10 14.3h4",
        },
        NoteKind::Break => Look {
            word: "What breaks",
            class: "note note-break",
            sign: "M11.5 2 4 11.5h5L8.5 18 16 8.5h-5z",
        },
    }
}

/// A note.
pub fn note(kind: NoteKind, body: &str) -> Markup {
    let Look { word, class, sign } = look(kind);
    html! {
        // No landmark: a lesson may have two of a kind, and landmarks need names of their own.
        div class=(class) role="note" aria-label=(word) {
            svg viewBox="0 0 20 20" aria-hidden="true" { path d=(sign) {} }
            p.note-kind { (word) }
            div.note-body { (PreEscaped(body)) }
        }
    }
}
