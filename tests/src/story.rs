//! A story: a host, a browser, and a check at the end that the console had nothing to complain of.
//!
//! A story that fails is told once more in a fresh browser. Where it holds then, it is *unsteady*: it
//! counts, and says so with its first failure. Three unsteady ones fail the run: then the machine, the
//! pages or the stories need a look.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::runtime;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use crate::driver::{Driver, Requests};
use crate::host::{Host, Wasm};
use crate::visitor::{ConsoleLine, Visitor};

/// Browsers are heavy: more at once than this would make each other late.
static SEATS: Semaphore = Semaphore::const_new(3);

/// How many stories failed and held when they were told again.
static UNSTEADY: AtomicUsize = AtomicUsize::new(0);

/// So many unsteady stories fail the run.
const TOO_MANY_UNSTEADY: usize = 3;

/// What a story is told with.
#[derive(Clone, Debug, Default)]
pub struct Story {
    wasm: Wasm,
    preferences: Value,
    requests: Requests,
    /// Words of console lines that belong to the story.
    expected: Vec<&'static str>,
}

/// Tells a story on a good host in a browser as it comes.
pub fn story<F: AsyncFn(Visitor, Rc<Host>) + Clone + 'static>(told: F) {
    Story::default().tell(told);
}

impl Story {
    /// A story at a host that does this with WebAssembly.
    pub fn with_wasm(wasm: Wasm) -> Story {
        Story {
            wasm,
            ..Story::default()
        }
    }

    /// A story in a browser with a preference of its own.
    pub fn with_preference(name: &str, value: impl Into<Value>) -> Story {
        Story {
            preferences: json!({ name: value.into() }),
            ..Story::default()
        }
    }

    /// A story in a browser that notes what its pages ask for.
    pub fn with_requests_noted() -> Story {
        Story {
            requests: Requests::Noted,
            ..Story::default()
        }
    }

    /// Lines of the console with these words belong to the story, and must come.
    #[must_use]
    pub fn expecting(mut self, words: &'static str) -> Story {
        self.expected.push(words);
        self
    }

    /// Tells it. Browser, driver and host end with it, however it ends.
    ///
    /// # Panics
    /// Where the story does, or where the console complains, twice; and where it is the third that did
    /// so once.
    pub fn tell<F: AsyncFn(Visitor, Rc<Host>) + Clone + 'static>(self, told: F) {
        let attempt = || panic::catch_unwind(AssertUnwindSafe(|| self.attempt(told.clone())));
        let Err(first) = attempt() else { return };
        eprintln!("the story failed; it is told once more in a fresh browser");
        if let Err(again) = attempt() {
            panic::resume_unwind(again);
        }
        println!(
            "unsteady: it failed and then held. The first failure: {}",
            words(&*first)
        );
        let count = UNSTEADY.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(
            count < TOO_MANY_UNSTEADY,
            "{count} stories failed and held when they were told again"
        );
    }

    /// Tells it once.
    fn attempt<F: AsyncFn(Visitor, Rc<Host>) + 'static>(&self, told: F) {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread of its own can wait");
        runtime.block_on(LocalSet::new().run_until(async {
            let seat = SEATS.acquire().await;
            let began = Instant::now();
            let host = Rc::new(Host::open(self.wasm).await);
            let driver = Driver::start();
            let preferences = if self.preferences.is_null() {
                json!({})
            } else {
                self.preferences.clone()
            };
            let client = driver.browser(&preferences, self.requests).await;
            let visitor = Visitor::new(client.clone());
            let at_browser = visitor.clone();
            let outcome = tokio::task::spawn_local(async move {
                told(visitor.clone(), host).await;
                visitor.console().await
            })
            .await;
            if outcome.is_err() {
                eprintln!("the story ended at {}", at_browser.address().await);
            }
            // A browser that has gone already is closed enough.
            let _ = client.close().await;
            drop((driver, seat));
            println!("told in {:.1} s", began.elapsed().as_secs_f32());
            match outcome {
                Ok(console) => self.check(&console),
                Err(failed) if failed.is_panic() => panic::resume_unwind(failed.into_panic()),
                Err(failed) => panic!("the story was cut off: {failed}"),
            }
        }));
    }

    /// Fails where the console complains, or lacks what belongs to the story.
    fn check(&self, console: &[ConsoleLine]) {
        let said = |words: &&str| console.iter().any(|line| line.message.contains(words));
        let missing: Vec<_> = self.expected.iter().filter(|words| !said(words)).collect();
        assert!(missing.is_empty(), "the console does not say {missing:?}");
        let unexpected: Vec<_> = console
            .iter()
            .filter(|line| matches!(line.level.as_str(), "SEVERE" | "WARNING"))
            .filter(|line| {
                !self
                    .expected
                    .iter()
                    .any(|words| line.message.contains(words))
            })
            .collect();
        assert!(
            unexpected.is_empty(),
            "the console complains: {unexpected:#?}"
        );
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    text.or(owned).unwrap_or("a panic without words")
}
