//! Good hosts, bad hosts, and how the page comes alive, or says why it does not.

use serde_json::Value;
use tests::environment;
use tests::host::{Host, Wasm};
use tests::lesson::{self, LESSON, SCENE};
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// Counts, from before the page's own scripts on, what the page should never do.
const WATCH: &str = "
    window.shifts = [];
    window.refused = [];
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) shifts.push(shift.value);
    }).observe({ type: 'layout-shift', buffered: true });
    document.addEventListener('securitypolicyviolation', (it) => refused.push(`${it.violatedDirective} ${it.blockedURI}`));";

/// Where everything stands that should stay where it is.
async fn landmarks(visitor: &Visitor) -> Value {
    const LANDMARKS: &str = "
        return [...document.querySelectorAll('main, header, footer, h1, h2, h3, section, form, .task, p, table')]
            .filter((it) => it.checkVisibility() && it.closest('.notices') === null).map((it) => {
                const { x, y, width, height } = it.getBoundingClientRect();
                const name = `${it.localName} ${(it.ariaLabel ?? it.innerText).slice(0, 30)}`;
                return [name, ...[x, y + scrollY, width, height].map((it) => Math.round(it * 2) / 2)];
            });";
    visitor.read(LANDMARKS, vec![]).await
}

async fn check_no_jump(visitor: &Visitor, host: &Host, path: &str) {
    visitor.before_every_page(WATCH).await;
    visitor.open(&host.address(path)).await;
    let is_live = "return document.documentElement.dataset.live === 'true'";
    assert!(
        !visitor.read::<bool>(is_live, vec![]).await,
        "the module came though it was kept back"
    );
    let before = landmarks(visitor).await;
    host.release();
    visitor
        .until("a page that lives", async || {
            visitor.read::<bool>(is_live, vec![]).await.then_some(())
        })
        .await;
    // All of it, also what comes alive only when somebody is near.
    const NEXT: &str = "
        const next = document.querySelector('[data-island]:not([data-live])');
        if (next) next.scrollIntoView({ behavior: 'instant' });
        else scrollTo({ top: 0, behavior: 'instant' });
        return next === null;";
    visitor
        .until("islands that all live", async || {
            visitor.read::<bool>(NEXT, vec![]).await.then_some(())
        })
        .await;
    // Effects of the first drawing have run when the buttons work.
    visitor
        .until("buttons that work", async || {
            // At its start a player can neither start over nor step back.
            const DEAD: &str = "
                const all = document.querySelectorAll(
                    '[data-island]:not([data-island=exercise]) :is(button, select):disabled');
                const back = ['Start over', 'Step back'];
                return [...all].filter((it) => !back.includes(it.ariaLabel)).length;";
            (visitor.read::<usize>(DEAD, vec![]).await == 0).then_some(())
        })
        .await;
    let after = landmarks(visitor).await;
    if before != after {
        let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
        let first = before
            .iter()
            .zip(after)
            .find(|(before, after)| before != after);
        panic!(
            "{path} jumps: {first:#?}, {} and {} places",
            before.len(),
            after.len()
        );
    }
    let shifts: f64 = visitor
        .read("return shifts.reduce((sum, it) => sum + it, 0)", vec![])
        .await;
    assert!(shifts <= 0.01, "{path} shifts by {shifts}");
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_lesson_does_not_jump_when_it_comes_alive() {
    Story::with_wasm(Wasm::Held).tell(async |visitor, host| {
        check_no_jump(&visitor, &host, LESSON).await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_first_page_does_not_jump_when_it_comes_alive() {
    Story::with_wasm(Wasm::Held).tell(async |visitor, host| {
        check_no_jump(&visitor, &host, "").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_lesson_does_not_jump_on_a_phone_when_it_comes_alive() {
    Story::with_wasm(Wasm::Held).tell(async |visitor, host| {
        visitor.take_phone().await;
        check_no_jump(&visitor, &host, LESSON).await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn no_request_leaves_the_site_and_the_policy_refuses_nothing() {
    Story::with_requests_noted().tell(async |visitor, host| {
        visitor.before_every_page(WATCH).await;
        for path in ["", LESSON] {
            visitor.open(&host.address(path)).await;
            if path == LESSON {
                let stage = lesson::first_player(&visitor).await;
                stage.forward().await;
                stage.press("Keys ?").await;
                stage.act("email-1", "Crash").await.expect("it may crash");
                stage.to_end().await;
            }
            let refused: Vec<String> = visitor.read("return refused", vec![]).await;
            assert_eq!(refused, [""; 0], "refused on {path}");
            const INLINE: &str = "
                return [...document.querySelectorAll('script:not([src]), style, [style]')].map((it) => it.outerHTML.slice(0, 120))
                    .concat([...document.querySelectorAll('*')].flatMap((it) => [...it.attributes]
                        .filter((attribute) => attribute.name.startsWith('on')).map((attribute) => `${it.localName} ${attribute.name}`)));";
            let inline: Vec<String> = visitor.read(INLINE, vec![]).await;
            assert_eq!(inline, [""; 0], "written into {path}");
        }
        let requests = visitor.requests().await;
        assert!(
            requests.iter().any(|address| address.ends_with(".wasm")),
            "{requests:?}"
        );
        let site = host.address("");
        let left: Vec<_> = requests
            .iter()
            .filter(|address| !address.starts_with(&site) && !address.starts_with("data:"))
            .collect();
        assert_eq!(left, [""; 0], "asked for outside of {site}");
    });
}

/// The module is asked for once, and not before there is something to read.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_page_fetches_its_module_once() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        const FETCHES: &str = "
            return performance.getEntriesByType('resource')
                .filter((it) => it.name.endsWith('.wasm')).map((it) => {
                    const [drawn] = performance.getEntriesByName('first-contentful-paint');
                    return `${it.initiatorType} ${it.startTime > drawn.startTime ? 'after' : 'before'} the text`;
                });";
        let fetches: Vec<String> = visitor.read(FETCHES, vec![]).await;
        assert_eq!(fetches, ["fetch after the text"]);
        let links = "return document.querySelectorAll('link[rel*=preload]').length";
        assert_eq!(visitor.read::<usize>(links, vec![]).await, 0);
    });
}

/// What is pressed while the module is on its way is done when it has come.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_is_pressed_before_the_page_lives_is_done_then() {
    Story::with_wasm(Wasm::Held).tell(async |visitor, host| {
        visitor.open(&host.address(LESSON)).await;
        let scene = visitor.find(None, "region", SCENE).await;
        let forward = visitor.find(Some(&scene), "button", "Step forward").await;
        visitor.press(&forward).await;
        visitor.press(&forward).await;
        let form = visitor.find(None, "form", "Quick check").await;
        let radio = visitor.all_with_role(Some(&form), "radio").await.remove(1);
        visitor.press(&radio).await;
        let is_alive = "return document.querySelectorAll('[data-live]').length > 0";
        assert!(!visitor.read::<bool>(is_alive, vec![]).await);
        host.release();
        let stage = lesson::first_player(&visitor).await;
        stage
            .until("two steps forward", |sight| sight.step == 2)
            .await;
        visitor.come_to(&form).await;
        assert!(radio.is_selected().await.expect("it is there"));
    });
}

/// A part of the page comes alive when somebody is near, and not before.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_is_far_away_comes_alive_when_somebody_is_near() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let form = visitor.find(None, "form", "Quick check").await;
        let lives = "return Boolean(arguments[0].closest('[data-island][data-live]'))";
        let given = vec![tests::visitor::reference(&form)];
        assert!(!visitor.read::<bool>(lives, given).await);
        visitor.come_to(&form).await;
    });
}

/// The twin of the story above: the policy is there and does refuse.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_policy_refuses_what_is_foreign() {
    Story::default().expecting("Content Security Policy").tell(async |visitor, host| {
        visitor.before_every_page(WATCH).await;
        visitor.open(&host.address(LESSON)).await;
        const ADD: &str = "
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.2:9/picture.png' }));
            return window.ran === true;";
        assert!(!visitor.read::<bool>(ADD, vec![]).await, "a script in the page has run");
        visitor
            .until("two refusals", async || {
                let refused: Vec<String> = visitor.read("return refused", vec![]).await;
                (refused.len() == 2).then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_host_that_knows_no_wasm_type_still_works() {
    Story::with_wasm(Wasm::OfNoType)
        // The bindings say that they take the slower way.
        .expecting("application/wasm")
        .tell(async |visitor, host| {
            let stage = lesson::open(&visitor, &host).await;
            assert_eq!(stage.to_end().await.mails_for("ord_12"), 2);
        });
}

/// The page as it was written, and one sentence with these words.
async fn check_still(visitor: &Visitor, words: &str) {
    visitor
        .until("a sentence", async || {
            visitor
                .page_text()
                .await
                .contains("all words, first pictures and whole traces are here")
                .then_some(())
        })
        .await;
    let notices = visitor.all_with_role(None, "status").await;
    let mut said = Vec::new();
    for notice in notices {
        said.push(visitor.text(&notice).await);
    }
    let notices: Vec<_> = said
        .iter()
        .filter(|said| said.contains("whole traces are here"))
        .collect();
    assert!(
        matches!(notices[..], [one] if one.contains(words)),
        "{said:?}"
    );
    let scene = visitor.find(None, "region", SCENE).await;
    let text = visitor.text(&scene).await;
    assert!(
        text.contains("4 records wait in orders.") && text.contains("second mail for ord_13"),
        "{text}"
    );
    for button in visitor.all_with_role(Some(&scene), "button").await {
        assert!(
            !button.is_enabled().await.expect("it is there"),
            "{}",
            visitor.text(&button).await
        );
    }
    let close = visitor.find(None, "button", "Close").await;
    visitor.press(&close).await;
    assert!(!visitor.page_text().await.contains("whole traces are here"));
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_host_that_has_lost_the_module_leaves_a_page_to_read() {
    Story::with_wasm(Wasm::Lost)
        .expecting("wasm")
        .tell(async |visitor, host| {
            visitor.open(&host.address(LESSON)).await;
            check_still(&visitor, "could not be loaded").await;
        });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_browser_without_webassembly_leaves_a_page_to_read() {
    story(async |visitor, host| {
        visitor.before_every_page("delete window.WebAssembly").await;
        visitor.open(&host.address(LESSON)).await;
        check_still(&visitor, "this browser has no WebAssembly").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_engine_that_stops_leaves_a_page_to_read() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(7).await;
        visitor
            .read::<()>(
                "document.dispatchEvent(new CustomEvent('engine-trap')); return null",
                vec![],
            )
            .await;
        check_still(&visitor, "because of a mistake in the engine").await;
    });
}

/// Opened from a file there is no host at all.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_page_opened_from_a_file_can_be_read() {
    Story::default()
        .expecting("file://")
        .tell(async |visitor, _| {
            let page = environment::site().join(LESSON).join("index.html");
            let page = page.canonicalize().expect("the lesson is in the site");
            visitor.open(&format!("file://{}", page.display())).await;
            check_still(&visitor, "Opened from a file").await;
        });
}
