//! The editor for code, as the page fetches it when somebody writes.
//!
//! The module cannot import scripts by itself; the page's own script does it when it is asked by
//! an event, and hands over what `open` of the editor returns.

use super::state::Act;
use engine::handler::Problem;
use js_sys::{Array, Function, Object, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, HtmlElement};
use yew::Callback;

/// The event that asks the page's script to open an editor.
const OPEN: &str = "open-editor";

/// What an editor calls.
type Call = Closure<dyn FnMut(JsValue)>;

/// An editor that is open.
pub struct Editor {
    handle: JsValue,
    /// What the editor calls; it must live as long as it does.
    _calls: Rc<RefCell<Vec<Call>>>,
}

impl Editor {
    /// Opens an editor in `place`, where the page has one; calls back when it is there.
    pub fn open(
        place: &HtmlElement,
        text: &str,
        act: &Callback<Act>,
        opened: impl FnOnce(Editor) + 'static,
    ) {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let keep = |closure: Call| {
            let function = closure.as_ref().clone();
            calls.borrow_mut().push(closure);
            function
        };
        let emit = |what: fn() -> Act| {
            let act = act.clone();
            Call::new(move |_| act.emit(what()))
        };
        let on_change = {
            let act = act.clone();
            Call::new(move |text: JsValue| {
                act.emit(Act::Edit(text.as_string().unwrap_or_default()));
            })
        };
        let on_open = {
            let calls = Rc::clone(&calls);
            let mut opened = Some(opened);
            Call::new(move |handle| {
                if let Some(opened) = opened.take() {
                    opened(Editor {
                        handle,
                        _calls: Rc::clone(&calls),
                    });
                }
            })
        };
        let detail = Object::new();
        for (name, value) in [
            ("parent", place.into()),
            ("doc", text.into()),
            ("label", "Your code".into()),
            ("onChange", keep(on_change)),
            ("onRun", keep(emit(|| Act::Run))),
            ("onCheck", keep(emit(|| Act::Check))),
            ("opened", keep(on_open)),
        ] {
            drop(Reflect::set(&detail, &name.into(), &value));
        }
        let init = CustomEventInit::new();
        init.set_detail(&detail);
        if let Ok(event) = CustomEvent::new_with_event_init_dict(OPEN, &init) {
            drop(gloo::utils::document().dispatch_event(&event));
        }
    }

    /// Puts a text in, if it has another.
    pub fn set(&self, text: &str) {
        if self
            .call("text", None)
            .and_then(|now| now.as_string())
            .as_deref()
            != Some(text)
        {
            self.call("set", Some(&text.into()));
        }
    }

    /// Marks these problems, and no others.
    pub fn mark(&self, problems: &[Problem]) {
        let found = Array::new();
        for problem in problems {
            let one = Object::new();
            let message = format!("{} {}", problem.message, problem.help);
            for (name, value) in [
                ("line", problem.line.into()),
                ("column", problem.column.into()),
                ("endLine", problem.end_line.into()),
                ("endColumn", problem.end_column.into()),
                ("message", JsValue::from(message.trim())),
            ] {
                drop(Reflect::set(&one, &name.into(), &value));
            }
            found.push(&one);
        }
        self.call("mark", Some(&found));
    }

    /// Writes a text where the cursor is, as if it were typed.
    pub fn write(&self, text: &str) {
        self.focus();
        typed(text);
    }

    /// Moves the keyboard there.
    pub fn focus(&self) {
        self.call("focus", None);
    }

    fn call(&self, name: &str, argument: Option<&JsValue>) -> Option<JsValue> {
        let function: Function = Reflect::get(&self.handle, &name.into())
            .ok()?
            .dyn_into()
            .ok()?;
        match argument {
            Some(argument) => function.call1(&self.handle, argument).ok(),
            None => function.call0(&self.handle).ok(),
        }
    }
}

/// Types a text into whatever has the keyboard: so it can be undone, and a text area and the editor,
/// whose bundle knows no such call, are told of it as of every key.
pub fn typed(text: &str) {
    let document = gloo::utils::document();
    let command = Reflect::get(&document, &"execCommand".into());
    if let Ok(command) = command.and_then(JsCast::dyn_into::<Function>) {
        drop(command.call3(&document, &"insertText".into(), &false.into(), &text.into()));
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.call("destroy", None);
    }
}
