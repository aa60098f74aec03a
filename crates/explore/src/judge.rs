//! Whether the promises' conditions are true in a state, remembered.

use super::memory::Memory;
use super::values::Values;
use super::{System, View};
use std::cell::{Cell, RefCell};

/// One promise's condition, and where it was true.
#[derive(Debug)]
pub struct Judge {
    promise: usize,
    memory: Option<Memory>,
    asked: usize,
    /// Whether what is found out is remembered.
    learns: bool,
}

impl Judge {
    /// Nothing judged yet.
    pub fn new(promise: usize) -> Self {
        Judge {
            promise,
            memory: Some(Memory::new()),
            asked: 0,
            learns: true,
        }
    }

    /// Whether the condition is true in the state with this row of numbers.
    #[inline]
    pub fn holds<S: System>(&mut self, system: &S, values: &Values<S::Part>, row: &[u32]) -> bool {
        self.asked += 1;
        if let Some(memory) = &self.memory
            && let Some(answer) = memory.find(row)
        {
            return answer == 1;
        }
        self.ask(system, values, row)
    }

    #[cold]
    fn ask<S: System>(&mut self, system: &S, values: &Values<S::Part>, row: &[u32]) -> bool {
        let (read, order) = (Cell::new(0), RefCell::new(Vec::new()));
        let parts = values.row(row);
        let view = View::in_order(&parts, &read, &order);
        let holds = system.holds(self.promise, &view);
        if let Some(memory) = self.memory.as_mut().filter(|_| self.learns) {
            memory.insert(row, &order.into_inner(), u32::from(holds));
            if !memory.pays(self.asked) {
                self.memory = None;
            }
        }
        holds
    }

    /// Remembers nothing more: there is no memory left for it.
    pub fn stop_learning(&mut self) {
        self.learns = false;
    }

    /// What is taken by what is remembered.
    pub fn bytes(&self) -> usize {
        self.memory.as_ref().map_or(0, Memory::bytes)
    }
}
