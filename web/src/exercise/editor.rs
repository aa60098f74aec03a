//! The editor for code, as the page fetches it when somebody writes.
//!
//! The module cannot import scripts by itself; the page's own script does it when it is asked by
//! an event, and hands over what `open` of the editor returns.

use super::state::Act;
use engine::handler::Problem;
use engine::handler::reference::Line;
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
    _heard: Rc<RefCell<Vec<Call>>>,
}

impl Editor {
    /// Opens an editor in `place`, where the page has one; calls back when it is there.
    pub fn open(
        place: &HtmlElement,
        text: &str,
        calls: &[(String, Vec<Line>)],
        act: &Callback<Act>,
        opened: impl FnOnce(Editor) + 'static,
    ) {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let keep = |closure: Call| {
            let function = closure.as_ref().clone();
            heard.borrow_mut().push(closure);
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
            let heard = Rc::clone(&heard);
            let mut opened = Some(opened);
            Call::new(move |handle| {
                if let Some(opened) = opened.take() {
                    opened(Editor {
                        handle,
                        _heard: Rc::clone(&heard),
                    });
                }
            })
        };
        let detail = Object::new();
        for (name, value) in [
            ("parent", place.into()),
            ("doc", text.into()),
            ("label", "Your code".into()),
            ("calls", offered(calls).into()),
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

/// What the editor offers for completion: the lines of each object, without its name and the dot.
fn offered(calls: &[(String, Vec<Line>)]) -> Array {
    let all = Array::new();
    for (object, lines) in calls {
        for line in lines {
            let Some((name, takes)) = completed(object, &line.signature) else {
                continue;
            };
            let apply =
                completed(object, &line.example).map(|(name, takes)| format!("{name}{takes}"));
            let one = Object::new();
            for (key, value) in [
                ("object", &**object),
                ("name", name),
                ("takes", takes),
                ("says", line.says),
                ("apply", apply.as_deref().unwrap_or(name)),
            ] {
                drop(Reflect::set(&one, &key.into(), &value.into()));
            }
            all.push(&one);
        }
    }
    all
}

/// What stands behind the name of an object and the dot: a name, and what it takes.
fn completed<'a>(object: &str, written: &'a str) -> Option<(&'a str, &'a str)> {
    let (_, behind) = written.split_once(&format!("{object}."))?;
    let name = behind.find('(').unwrap_or(behind.len());
    Some(behind.split_at(name))
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

#[cfg(test)]
mod tests {
    use super::completed;

    #[test]
    fn what_is_completed_stands_behind_the_dot() {
        let check = |object, written, expected| assert_eq!(completed(object, written), expected);
        let takes = "(table, key, value=True)";
        check(
            "db",
            "db.insert(table, key, value=True)",
            Some(("insert", takes)),
        );
        check("db", "tx = db.begin()", Some(("begin", "()")));
        check("message", "message.id", Some(("id", "")));
        check("mail", "db.get(table, key)", None);
    }
}
