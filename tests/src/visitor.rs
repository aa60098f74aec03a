//! A person at the browser: what they can find by role and name, press, type and wait for.

use std::path::Path;
use std::time::Duration;

use axum::http::Method;
use fantoccini::Client;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::{Locator, WebDriverCompatibleCommand, WindowHandle};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// How long a person waits for something that should come at once.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(10);

/// A person with a browser.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: Client,
}

/// What has the focus, as it is heard and seen.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Focus {
    /// Its name, or its text.
    pub name: String,
    /// Its tag.
    pub tag: String,
    /// Whether an outline is drawn around it.
    pub is_outlined: bool,
    /// What lies over it, if something does.
    pub covered_by: Option<String>,
}

/// A line of the browser's console.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct ConsoleLine {
    /// `SEVERE`, `WARNING`, `INFO` or `DEBUG`.
    pub level: String,
    /// What it says.
    pub message: String,
}

impl Visitor {
    /// A person at this browser.
    pub fn new(client: Client) -> Visitor {
        Visitor { client }
    }

    /// Opens an address.
    ///
    /// # Panics
    /// Where the browser cannot.
    pub async fn open(&self, address: &str) {
        self.client
            .goto(address)
            .await
            .unwrap_or_else(|error| panic!("{address} does not open: {error}"));
    }

    /// Where the page is.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn address(&self) -> String {
        let address = self.client.current_url().await;
        address.expect("the browser says where it is").to_string()
    }

    /// The tab that is looked at.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn tab(&self) -> WindowHandle {
        let tab = self.client.window().await;
        tab.expect("the browser says which tab it shows")
    }

    /// Opens another tab of the same browser, which shares what is stored, and looks at it.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn open_tab(&self) -> WindowHandle {
        let opened = self.client.new_window(true).await;
        let tab = opened.expect("the browser opens a tab").handle;
        self.look_at(&tab).await;
        tab
    }

    /// Looks at a tab.
    ///
    /// # Panics
    /// Where it is closed.
    pub async fn look_at(&self, tab: &WindowHandle) {
        let shown = self.client.switch_to_window(tab.clone()).await;
        shown.expect("the tab is still open");
    }

    /// Loads the page again.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page loads again");
    }

    /// Runs a script in the page and reads what it returns.
    ///
    /// # Panics
    /// Where the script fails or returns something else.
    pub async fn read<T: for<'de> Deserialize<'de>>(&self, script: &str, given: Vec<Value>) -> T {
        let value = self
            .client
            .execute(script, given)
            .await
            .unwrap_or_else(|error| panic!("the page cannot be read: {error}\n{script}"));
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("the page shows something else: {error}\n{value}"))
    }

    /// As [`Visitor::read`], of a script that calls its last argument with what it returns.
    ///
    /// # Panics
    /// Where the script fails or returns something else.
    pub async fn read_later<T: for<'de> Deserialize<'de>>(
        &self,
        script: &str,
        given: Vec<Value>,
    ) -> T {
        let value = self
            .client
            .execute_async(script, given)
            .await
            .unwrap_or_else(|error| panic!("the page cannot be read: {error}"));
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("the page shows something else: {error}\n{value}"))
    }

    /// Looks until there is something to see.
    ///
    /// # Panics
    /// Where it does not come; `what` says what was waited for.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(GLANCE).await;
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => panic!("waited in vain: {what}"),
        }
    }

    /// Everything with this role and name, in the order of the page, inside `within` or anywhere.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn all(&self, within: Option<&Element>, role: &str, name: &str) -> Vec<Element> {
        let mut found = Vec::new();
        for element in self.candidates(within, role, Some(name)).await {
            let at = element.element_id();
            let heard = (
                self.send::<String>(Say::get(format!("element/{at}/computedrole")))
                    .await,
                self.send::<String>(Say::get(format!("element/{at}/computedlabel")))
                    .await,
            );
            if heard == (role.to_owned(), name.to_owned()) {
                found.push(element);
            }
        }
        found
    }

    /// The first with this role and name.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn find(&self, within: Option<&Element>, role: &str, name: &str) -> Element {
        let what = format!("a {role} named “{name}” on the page");
        self.until(&what, async || {
            self.all(within, role, name).await.into_iter().next()
        })
        .await
    }

    /// Everything with this role, whatever its name.
    ///
    /// # Panics
    /// Where the browser does not answer.
    pub async fn all_with_role(&self, within: Option<&Element>, role: &str) -> Vec<Element> {
        self.candidates(within, role, None).await
    }

    async fn candidates(
        &self,
        within: Option<&Element>,
        role: &str,
        name: Option<&str>,
    ) -> Vec<Element> {
        const FIND: &str = include_str!("find.js");
        let within = within.map_or(Value::Null, reference);
        let found: Vec<Value> = self
            .read(FIND, vec![within, role.into(), name.into()])
            .await;
        found
            .iter()
            .filter_map(|found| found.as_object()?.values().next()?.as_str())
            .map(|id| Element::from_element_id(self.client.clone(), id.to_owned().into()))
            .collect()
    }

    /// Scrolls an element to the middle of the window and presses it with the mouse or a finger.
    ///
    /// # Panics
    /// Where it is not there, hidden, or something lies over it.
    pub async fn press(&self, element: &Element) {
        const SCROLL: &str =
            "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' }); return null";
        self.read::<()>(SCROLL, vec![reference(element)]).await;
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("it cannot be pressed: {error}"));
    }

    /// Scrolls to an element and waits until the part of the page that it stands in is alive.
    ///
    /// # Panics
    /// Where that part never is.
    pub async fn come_to(&self, element: &Element) {
        const COME: &str =
            "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' }); return null";
        const LIVES: &str = "return Boolean(arguments[0].closest('[data-island][data-live]'))";
        self.read::<()>(COME, vec![reference(element)]).await;
        self.until("a part of the page that lives", async || {
            let lives = self.read::<bool>(LIVES, vec![reference(element)]).await;
            lives.then_some(())
        })
        .await;
    }

    /// The text of an element, as it is shown.
    ///
    /// # Panics
    /// Where it is gone.
    pub async fn text(&self, element: &Element) -> String {
        element.text().await.expect("the element is still there")
    }

    /// The words of the whole page, as they are shown.
    pub async fn page_text(&self) -> String {
        self.read("return document.body.innerText", vec![]).await
    }

    /// Chooses the option of a drop-down list by its words.
    ///
    /// # Panics
    /// Where there is no such option.
    pub async fn choose(&self, list: &Element, option: &str) {
        list.select_by_label(option)
            .await
            .unwrap_or_else(|error| panic!("“{option}” cannot be chosen: {error}"));
    }

    /// Gives a file to the page's only field for files.
    ///
    /// # Panics
    /// Where there is no such field.
    pub async fn give_file(&self, path: &Path) {
        let field = self.client.find(Locator::Css("input[type=file]")).await;
        let field = field.unwrap_or_else(|error| panic!("no field for files: {error}"));
        let sent = field.send_keys(&path.to_string_lossy()).await;
        sent.unwrap_or_else(|error| panic!("the field does not take the file: {error}"));
    }

    /// Presses keys one after the other, wherever the focus is.
    ///
    /// # Panics
    /// Where the browser does not take them.
    pub async fn keys(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        let done = self.client.perform_actions(actions).await;
        done.unwrap_or_else(|error| panic!("the keys cannot be pressed: {error}"));
    }

    /// What has the focus; it can be seen that it has.
    ///
    /// # Panics
    /// Where no outline is drawn, or something lies over it.
    pub async fn focus_seen(&self) -> Focus {
        let focus = self.focus().await;
        let Focus { tag, name, .. } = &focus;
        assert!(
            focus.is_outlined,
            "the focus cannot be seen on {tag} “{name}”"
        );
        let over = &focus.covered_by;
        assert!(
            over.is_none(),
            "{over:?} lies over {tag} “{name}”, which has the focus"
        );
        focus
    }

    /// What has the focus.
    pub async fn focus(&self) -> Focus {
        const FOCUS: &str = "
            const element = document.activeElement;
            const style = getComputedStyle(element);
            const box = element.getBoundingClientRect();
            const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
            const over = document.elementFromPoint(box.left + box.width / 2, (top + bottom) / 2);
            const is_free = !over || element.contains(over) || over.contains(element) || over.closest('label')?.control === element;
            return {
                name: (element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText ?? '').trim(),
                tag: element.localName,
                covered_by: is_free ? null : `${over.localName} ${over.ariaLabel ?? over.className}`,
                is_outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
            };";
        self.read(FOCUS, vec![]).await
    }

    /// Tells the browser something beyond WebDriver, in the words of Chromium's own protocol.
    pub async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.send(Say::post("goog/cdp/execute", body)).await
    }

    /// Runs a script in every page before the page's own.
    pub async fn before_every_page(&self, script: &str) {
        let script = json!({ "source": script });
        self.chromium("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
    }

    /// Allows or denies the page something that browsers ask for.
    pub async fn permit(&self, what: &str, state: &str) {
        let body = json!({ "descriptor": { "name": what }, "state": state });
        self.send::<Value>(Say::post("permissions", body)).await;
    }

    /// Takes a phone in hand: 360 by 740, with a finger for a mouse.
    pub async fn take_phone(&self) {
        self.take_screen(360, 740).await;
    }

    /// Takes a screen of this size in hand, with a finger for a mouse.
    pub async fn take_screen(&self, width: u32, height: u32) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
        self.chromium("Emulation.setDeviceMetricsOverride", screen)
            .await;
    }

    /// Prefers something, as systems let people do: `("prefers-color-scheme", "dark")`.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.chromium("Emulation.setEmulatedMedia", features).await;
    }

    /// What the console has said since it was last read.
    pub async fn console(&self) -> Vec<ConsoleLine> {
        let body = json!({ "type": "browser" });
        self.send(Say::post("se/log", body)).await
    }

    /// The addresses that the page has asked for since it was last read, allowed or not.
    ///
    /// # Panics
    /// Where the browser's notes cannot be read.
    pub async fn requests(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Note {
            message: String,
        }
        let notes: Vec<Note> = self
            .send(Say::post("se/log", json!({ "type": "performance" })))
            .await;
        let read = |note: Note| -> Option<String> {
            let note: Value = serde_json::from_str(&note.message).expect("a note is JSON");
            let of_request = note["message"]["method"] == "Network.requestWillBeSent";
            let address = note["message"]["params"]["request"]["url"].as_str()?;
            of_request.then(|| address.to_owned())
        };
        notes.into_iter().filter_map(read).collect()
    }

    async fn send<T: for<'de> Deserialize<'de>>(&self, say: Say) -> T {
        let what = say.endpoint.clone();
        let value = self
            .client
            .issue_cmd(say)
            .await
            .unwrap_or_else(|error| panic!("the browser refuses {what}: {error}"));
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("the browser answers {what} with {value}: {error}"))
    }
}

/// An element as scripts are given it.
pub fn reference(element: &Element) -> Value {
    serde_json::to_value(element).expect("an element is a reference")
}

/// A command that the client does not know.
#[derive(Clone, Debug)]
struct Say {
    endpoint: String,
    body: Option<Value>,
}

impl Say {
    fn get(endpoint: String) -> Say {
        Say {
            endpoint,
            body: None,
        }
    }

    fn post(endpoint: &str, body: Value) -> Say {
        Say {
            endpoint: endpoint.to_owned(),
            body: Some(body),
        }
    }
}

impl WebDriverCompatibleCommand for Say {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.endpoint))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
