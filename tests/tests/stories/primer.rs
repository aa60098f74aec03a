//! The primer: folded, before the first player.

use fantoccini::elements::Element;
use tests::lesson;
use tests::story::story;
use tests::visitor::Visitor;

const TITLE: &str = "New to Kafka? Six words first";

async fn is_open(visitor: &Visitor) -> bool {
    const OPEN: &str = "return document.querySelector('#primer-log').open";
    visitor.read(OPEN, vec![]).await
}

async fn head(visitor: &Visitor) -> Element {
    for button in visitor.all_with_role(None, "button").await {
        if visitor.text(&button).await == TITLE {
            return button;
        }
    }
    panic!("no primer can be folded");
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_primer_is_folded_before_the_first_player_and_says_each_word_when_it_is_opened() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        assert!(!is_open(&visitor).await);
        const BEFORE: &str = "
            const player = document.querySelector('[data-island=stage]');
            const place = document.querySelector('#primer-log').compareDocumentPosition(player);
            return Boolean(place & Node.DOCUMENT_POSITION_FOLLOWING);";
        assert!(visitor.read::<bool>(BEFORE, vec![]).await);
        visitor.press(&head(&visitor).await).await;
        visitor
            .until("an open primer", async || {
                is_open(&visitor).await.then_some(())
            })
            .await;
        let text = visitor.page_text().await;
        for word in ["Record", "Topic", "Partition", "Offset", "Broker", "Group"] {
            assert!(text.contains(word), "the primer has no {word}");
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_picture_of_a_primer_can_be_read_on_every_screen() {
    story(async |visitor, host| {
        for width in [320, 360, 390, 768, 1280] {
            visitor.take_screen(width, 900).await;
            lesson::open(&visitor, &host).await;
            const OVER: &str = "
                document.querySelector('.primer').open = true;
                const picture = document.querySelector('.primer-picture');
                const all = [...picture.querySelectorAll('text')].map((it) => [it.textContent, it.getBoundingClientRect()]);
                const edge = picture.getBoundingClientRect();
                const found = all.filter(([, a]) => a.left < edge.left - 1 || a.right > edge.right + 1).map(([words]) => `${words} is cut`);
                for (const [at, [words, a]] of all.entries()) for (const [other, b] of all.slice(at + 1)) {
                    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                    if (wide > 1 && high > 3) found.push(`${words} over ${other}`);
                }
                return found;";
            let over: Vec<String> = visitor.read(OVER, vec![]).await;
            assert_eq!(over, [""; 0], "at {width} px");
        }
    });
}
