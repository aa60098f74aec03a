//! Between a desk and the browser: messages in and out, and a turn whenever no message waits.

use crate::{Beside, Desk};
use course::search::{Tell, write};
use js_sys::{Function, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::console;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

/// Serves the page for as long as the worker lives. Where the browser refuses, the page hears
/// nothing, and says so.
pub fn serve(desk: impl Desk + 'static) {
    std::panic::set_hook(Box::new(|info| console::error_1(&info.to_string().into())));
    if let Err(refused) = begin(desk) {
        console::error_1(&refused);
    }
}

fn begin(desk: impl Desk + 'static) -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let desk = Rc::new(RefCell::new(desk));
    // A message to oneself comes after those of the page that wait already, and without the
    // pause that timers make.
    let channel = MessageChannel::new()?;
    let again = channel.port2();
    let waiting = Rc::new(Cell::new(false));
    let go_on = {
        let waiting = Rc::clone(&waiting);
        move || {
            if !waiting.replace(true) && again.post_message(&JsValue::NULL).is_err() {
                waiting.set(false);
            }
        }
    };

    let on_turn = {
        let (desk, scope, go_on) = (Rc::clone(&desk), scope.clone(), go_on.clone());
        Closure::<dyn FnMut()>::new(move || {
            waiting.set(false);
            let more = desk.borrow_mut().turn(&mut Beside {
                clock: &|| clock(&scope),
                tell: &mut |told| tell(&scope, told),
            });
            if more {
                go_on();
            }
        })
    };
    channel
        .port1()
        .set_onmessage(Some(on_turn.as_ref().unchecked_ref()));
    on_turn.forget();

    let on_ask = {
        let scope = scope.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(text) = event.data().as_string() else {
                return;
            };
            desk.borrow_mut().asked(
                &text,
                &mut Beside {
                    clock: &|| clock(&scope),
                    tell: &mut |told| tell(&scope, told),
                },
            );
            go_on();
        })
    };
    scope.set_onmessage(Some(on_ask.as_ref().unchecked_ref()));
    on_ask.forget();
    tell(&scope, &Tell::Ready);
    Ok(())
}

/// Asks the language that stands beside this module in the worker, if there is one.
pub fn ask_language(request: &str) -> Option<String> {
    let global = js_sys::global();
    let read: Function = Reflect::get(&global, &"readCode".into())
        .ok()?
        .dyn_into()
        .ok()?;
    read.call1(&global, &request.into()).ok()?.as_string()
}

fn clock(scope: &DedicatedWorkerGlobalScope) -> f64 {
    scope
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// What cannot be sent is not sent: the page hears nothing for a while and ends the worker.
fn tell(scope: &DedicatedWorkerGlobalScope, told: &Tell) {
    drop(scope.post_message(&JsValue::from_str(&write(told))));
}
