//! Other screens and tastes: a phone, the dark, less motion.

use tests::host::Host;
use tests::lesson::{self, LESSON};
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// How wide a phone is, in CSS pixels, as `Visitor::take_phone` has it.
const PHONE: u32 = 360;

async fn check_nothing_scrolls_sideways(visitor: &Visitor, width: u32, what: &str) {
    const WIDER: &str = "
        const [page, width] = [document.scrollingElement, arguments[0]];
        if (page.scrollWidth <= innerWidth && innerWidth <= width) return [];
        return [`page ${page.scrollWidth} in ${innerWidth}`, ...[...document.querySelectorAll('body *')]
            .filter((it) => it.getBoundingClientRect().right > width + 0.5 && !it.closest('.scroll, .trace, pre, .terminal'))
            .slice(0, 5).map((it) => `${it.localName}.${it.className}`)];";
    let wider: Vec<String> = visitor.read(WIDER, vec![width.into()]).await;
    assert_eq!(wider, [""; 0], "{what} is wider than {width} px");
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn on_a_phone_nothing_scrolls_sideways() {
    // The page for what is not there looks for its styles on several levels.
    Story::default()
        .expecting("404")
        .tell(async |visitor, host| {
            // A page for 1,280 px that is zoomed to 400 % has 320, as WCAG 2.2 (1.4.10) has it.
            for width in [PHONE, 320] {
                visitor.take_screen(width, 740).await;
                for path in ["", "404.html", "fidelity/", "glossary/", "review/", LESSON] {
                    visitor.open(&host.address(path)).await;
                    check_nothing_scrolls_sideways(&visitor, width, path).await;
                }
            }
        });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn on_a_phone_the_crash_before_the_commit_can_be_made() {
    story(async |visitor, host| {
        visitor.take_phone().await;
        let stage = lesson::open(&visitor, &host).await;
        stage
            .forward_until("both mails", |sight| sight.mails_for("ord_13") == 1)
            .await;
        stage.press("email-1").await;
        check_nothing_scrolls_sideways(&visitor, PHONE, "the open menu").await;
        stage.press("email-1").await;
        stage.act("email-1", "Crash").await.expect("it may crash");
        stage
            .act("email-1", "Restart")
            .await
            .expect("it may restart");
        let end = stage.to_end().await;
        assert_eq!(end.mails_for("ord_12"), 2);
        check_nothing_scrolls_sideways(&visitor, PHONE, "the end of the story").await;
        stage.press("Keys ?").await;
        check_nothing_scrolls_sideways(&visitor, PHONE, "the list of keys").await;
        visitor.permit("clipboard-write", "denied").await;
        stage.press("Copy link").await;
        stage.find("textbox", "Copy this:").await;
        check_nothing_scrolls_sideways(&visitor, PHONE, "the link to copy by hand").await;
    });
}

/// What a finger presses is at least 24 px wide and high, as WCAG 2.2 has it.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn on_a_phone_the_controls_are_large_enough_for_a_finger() {
    story(async |visitor, host| {
        visitor.take_phone().await;
        lesson::open(&visitor, &host).await;
        const SMALL: &str = "
            return [...document.querySelectorAll('.stage button, .stage select, .stage input[type=range], .quiz button')]
                .filter((it) => it.checkVisibility()).map((it) => [it, it.getBoundingClientRect()])
                .filter(([, box]) => box.width < 24 || box.height < 24)
                .map(([it, box]) => `${it.ariaLabel ?? it.innerText}: ${box.width} x ${box.height}`);";
        let small: Vec<String> = visitor.read(SMALL, vec![]).await;
        assert_eq!(small, [""; 0]);
    });
}

async fn brightness(visitor: &Visitor) -> u32 {
    const BRIGHTNESS: &str = "
        return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3)
            .reduce((sum, part) => sum + Math.round(Number(part)), 0);";
    visitor.read(BRIGHTNESS, vec![]).await
}

async fn brightness_of_lesson(visitor: &Visitor, host: &Host) -> u32 {
    visitor.open(&host.address(LESSON)).await;
    brightness(visitor).await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_page_is_dark_where_the_system_is_and_where_it_is_told_to_be() {
    story(async |visitor, host| {
        visitor.prefer("prefers-color-scheme", "light").await;
        let light = brightness_of_lesson(&visitor, &host).await;
        visitor.prefer("prefers-color-scheme", "dark").await;
        let dark = brightness_of_lesson(&visitor, &host).await;
        assert!(light > 600 && dark < 200, "light {light}, dark {dark}");

        for (from, to, expected) in [("Auto", "Light", light), ("Light", "Dark", dark)] {
            let button = visitor
                .find(None, "button", &format!("Colours: {from}"))
                .await;
            visitor.press(&button).await;
            visitor
                .find(None, "button", &format!("Colours: {to}"))
                .await;
            visitor
                .until("the chosen colours", async || {
                    (brightness(&visitor).await == expected).then_some(())
                })
                .await;
        }
        visitor.prefer("prefers-color-scheme", "light").await;
        assert_eq!(
            brightness_of_lesson(&visitor, &host).await,
            dark,
            "the choice is forgotten"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn with_less_motion_nothing_moves_and_everything_works() {
    story(async |visitor, host| {
        visitor.prefer("prefers-reduced-motion", "reduce").await;
        let stage = lesson::open(&visitor, &host).await;
        for _ in 0..12 {
            stage.forward().await;
            let moving: Vec<String> = visitor
                .read(
                    "return document.getAnimations().filter((it) => it.effect.getComputedTiming().duration > 50)
                        .map((it) => `${it.effect.target.localName}.${it.effect.target.className}`)",
                    vec![],
                )
                .await;
            assert_eq!(moving, [""; 0]);
        }
        let end = stage.to_end().await;
        assert_eq!(end.mails_for("ord_13"), 2);
    });
}
