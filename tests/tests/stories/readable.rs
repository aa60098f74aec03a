//! What can be read, and reached, on every screen.

use fantoccini::key::Key;
use tests::host::Host;
use tests::lesson;
use tests::stage::Stage;
use tests::story::story;
use tests::visitor::{Visitor, reference};

const WIDTHS: [u32; 4] = [360, 390, 768, 1280];

/// A player on a screen so wide, where a finding and a long story are shown.
async fn at_the_end(visitor: &Visitor, host: &Host, width: u32) -> Stage {
    visitor.take_screen(width, 900).await;
    let stage = lesson::open(visitor, host).await;
    stage.to_end().await;
    stage
}

/// Every letter has 12 px, also where a picture is drawn to scale.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn no_text_is_smaller_than_twelve_pixels() {
    story(async |visitor, host| {
        for width in WIDTHS {
            at_the_end(&visitor, &host, width).await;
            const SMALL: &str = "
                const small = new Set();
                const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                for (let text; (text = all.nextNode());) {
                    const it = text.parentElement;
                    if (!text.data.trim() || !it.checkVisibility() || it.closest('script, style, sup, .hidden-visually')) continue;
                    const scale = it.ownerSVGElement ? Math.abs(it.getScreenCTM().a) : 1;
                    const size = parseFloat(getComputedStyle(it).fontSize) * scale;
                    if (size < 11.95) small.add(`${size.toFixed(1)} px: ${it.localName}.${it.getAttribute('class')} ${text.data.trim().slice(0, 20)}`);
                }
                return [...small].slice(0, 8);";
            let small: Vec<String> = visitor.read(SMALL, vec![]).await;
            assert_eq!(small, [""; 0], "at {width} px");
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_words_of_a_picture_never_lie_over_each_other() {
    story(async |visitor, host| {
        for width in WIDTHS {
            let stage = at_the_end(&visitor, &host, width).await;
            const OVER: &str = "
                const found = [];
                for (const kind of ['.turns text', '.tape-mark, .cell .offset', '.leases text', '.card p, .card-head > *']) {
                    const all = [...arguments[0].querySelectorAll(kind)].filter((it) => it.checkVisibility())
                        .map((it) => [it.textContent, it.getBoundingClientRect()]).filter(([words]) => words.trim());
                    for (const [at, [words, a]] of all.entries()) for (const [other, b] of all.slice(at + 1)) {
                        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                        if (wide > 1 && high > 3) found.push(`${words} over ${other}`);
                    }
                }
                return found.slice(0, 8);";
            for step in [4, 8] {
                stage.seek(step).await;
                let over: Vec<String> = visitor.read(OVER, vec![reference(&stage.element)]).await;
                assert_eq!(over, [""; 0], "at {width} px, step {step}");
            }
        }
    });
}

/// The lesson's point, what is committed and how far behind it is, is on the screen without scrolling.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_terminal_and_the_trace_fit_a_phone() {
    story(async |visitor, host| {
        let stage = at_the_end(&visitor, &host, 360).await;
        const CUT: &str = "
            const [stage] = arguments;
            const wide = (it) => it.scrollWidth > it.clientWidth + 1 ? [`${it.className} ${it.scrollWidth} in ${it.clientWidth}`] : [];
            return [...wide(stage.querySelector('.terminal')), ...wide(stage.querySelector('.trace'))];";
        let cut: Vec<String> = visitor.read(CUT, vec![reference(&stage.element)]).await;
        assert_eq!(cut, [""; 0]);
        let words = stage.sight().await.terminal;
        for taught in ["CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"] {
            assert!(words.contains(taught), "{taught}: {words}");
        }
        assert!(!words.contains("CONSUMER-ID"), "{words}");
        stage.press("Whole output").await;
        stage
            .until("the whole output", |sight| {
                sight.terminal.contains("CONSUMER-ID")
            })
            .await;
        let times = "return arguments[0].querySelector('.trace td.ms').checkVisibility()";
        let at = || vec![reference(&stage.element)];
        assert!(!visitor.read::<bool>(times, at()).await);
        stage.press("With times").await;
        visitor
            .until("the times", async || {
                visitor.read::<bool>(times, at()).await.then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_controls_stay_within_reach_while_the_figures_are_on_the_screen() {
    story(async |visitor, host| {
        for width in WIDTHS {
            let stage = at_the_end(&visitor, &host, width).await;
            const REACHED: &str = "
                const [stage] = arguments;
                const picture = stage.querySelector('.timeline').getBoundingClientRect();
                scrollBy({ top: picture.bottom - innerHeight + 8, behavior: 'instant' });
                const button = stage.querySelector('[aria-label=\"Step back\"]');
                const box = button.getBoundingClientRect();
                const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                return box.top >= 0 && box.bottom <= innerHeight && button.contains(over);";
            let reached: bool = visitor.read(REACHED, vec![reference(&stage.element)]).await;
            assert!(reached, "at {width} px");
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn results_move_nothing_and_esc_closes_them() {
    story(async |visitor, host| {
        for width in [360, 1280] {
            visitor.take_screen(width, 900).await;
            let stage = lesson::open(&visitor, &host).await;
            const PLACES: &str = "
                return ['.two', '.under', '.terminal'].map((it) => arguments[0].querySelector(it).getBoundingClientRect())
                    .map((box) => Math.round(box.top + scrollY));";
            let places = async || -> Vec<i32> {
                visitor.read(PLACES, vec![reference(&stage.element)]).await
            };
            let before = places().await;
            stage.press("Break it").await;
            let panel = stage.find("region", "Every schedule").await;
            visitor.find(Some(&panel), "button", "Search again").await;
            assert_eq!(places().await, before, "at {width} px");
            // The focus went to where the results are, and comes back.
            assert_eq!(visitor.focus().await.name, "Every schedule");
            visitor.keys([Key::Escape.into()]).await;
            visitor
                .until("no results", async || {
                    let open = visitor.all(Some(&stage.element), "region", "Every schedule");
                    open.await.is_empty().then_some(())
                })
                .await;
            assert_eq!(visitor.focus().await.name, "Break it");
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_task_leads_to_its_player() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let there = visitor.all(None, "link", "To the player").await.remove(0);
        visitor.press(&there).await;
        const AT_STAGE: &str = "return document.activeElement === arguments[0]";
        visitor
            .until("the player", async || {
                let at = vec![reference(&stage.element)];
                visitor.read::<bool>(AT_STAGE, at).await.then_some(())
            })
            .await;
    });
}

/// What has not come alive yet has a stop for the keyboard, and comes alive where somebody gets there.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn tab_reaches_an_exercise_that_is_far_away() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        const FAR: &str = "
            const asleep = [...document.querySelectorAll('[data-island=exercise]:not([data-live])')];
            const stop = (it) => it.tabIndex === 0 ? it : it.querySelector('a[href], summary, [tabindex=\"0\"]');
            const far = stop(asleep.at(-1));
            far.focus();
            return document.activeElement === far;";
        assert!(visitor.read::<bool>(FAR, vec![]).await);
        const INSIDE: &str = "
            const island = document.activeElement.closest('[data-island=exercise]');
            return island?.dataset.live === 'true' && island.querySelector('button:enabled') !== null;";
        visitor
            .until("the focus in the exercise", async || {
                visitor.read::<bool>(INSIDE, vec![]).await.then_some(())
            })
            .await;
    });
}
