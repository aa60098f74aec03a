//! What values are counted as, and that a search keeps to the memory it may take.

use explore::weigh::Scale;
use explore::{Bound, Kind, Limits, Order, Outcome, Search, System, View, Weigh};
use std::sync::Arc;

#[derive(Weigh)]
struct Mixed {
    _small: u8,
    _large: u64,
    _list: Vec<u32>,
}

#[derive(Weigh)]
enum Plain {
    _A,
    _B,
    _C,
}

#[derive(Weigh)]
enum InItsNiche {
    _Nothing,
    _Truth(bool),
    _Number(i64),
    _Text(Arc<str>),
    _List(Vec<u8>),
}

#[derive(Weigh)]
enum Tagged {
    _One(u64),
    _Two(u32, u16),
    _Three { _flag: bool },
}

/// Natively, the layout that is counted with is the one that there is.
#[cfg(target_pointer_width = "64")]
#[test]
fn layouts_are_those_of_a_machine_with_64_bits() {
    fn check<T: Weigh>() {
        let name = std::any::type_name::<T>();
        assert_eq!(T::LAYOUT.size, size_of::<T>(), "{name}");
        assert_eq!(T::LAYOUT.align, align_of::<T>(), "{name}");
    }
    check::<Mixed>();
    check::<Plain>();
    check::<InItsNiche>();
    check::<Tagged>();
    check::<Option<u64>>();
    check::<Option<Option<bool>>>();
    check::<Option<Arc<str>>>();
    check::<Option<Option<Arc<u8>>>>();
    check::<Option<Plain>>();
    check::<Result<Vec<u8>, Plain>>();
    check::<(u8, u64, u16)>();
    check::<Vec<(u8, Option<InItsNiche>)>>();
}

#[test]
fn what_values_own_is_counted_as_blocks_and_what_they_share_once() {
    fn owned(value: &impl Weigh) -> usize {
        let mut scale = Scale::default();
        value.weigh(&mut scale);
        scale.bytes()
    }
    assert_eq!(owned(&7_u64), 0);
    assert_eq!(owned(&Vec::<u64>::new()), 0, "nothing is no block");
    assert_eq!(owned(&vec![1_u8]), 32, "the smallest block");
    assert_eq!(owned(&vec![1_u64, 2, 3, 4]), 48);
    assert_eq!(owned(&vec![vec![1_u64, 2, 3, 4]; 2]), 64 + 2 * 48);
    let mut roomy = Vec::with_capacity(100);
    roomy.push(1_u64);
    assert_eq!(owned(&roomy), 816, "what is set aside is taken");
    let text: Arc<str> = "x".repeat(1_000).into();
    let one = owned(&Arc::clone(&text));
    assert!(one >= 1_016, "{one}");
    let two = owned(&vec![Arc::clone(&text), text]);
    assert_eq!(two, one + 48);
}

/// Every step makes another text of a kilobyte.
struct Growing;

impl System for Growing {
    type Part = Vec<u8>;
    type Step = u8;

    fn start(&self) -> Vec<Vec<u8>> {
        vec![Vec::new(), vec![0; 2]]
    }

    fn parties(&self) -> usize {
        2
    }

    fn expand(
        &self,
        party: usize,
        state: &View<'_, Vec<u8>>,
        next: &mut dyn FnMut(u8, Vec<(usize, Vec<u8>)>),
    ) {
        let mut text = state.get(party).clone();
        text.resize(text.len() + 1_000, party as u8);
        next(0, vec![(party, text)]);
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Always, Kind::Eventually]
    }

    fn holds(&self, promise: usize, state: &View<'_, Vec<u8>>) -> bool {
        promise == 0 || state.get(0).len() > 1_000_000
    }
}

#[test]
fn a_search_of_values_that_own_memory_ends_where_it_may_take_no_more() {
    for order in [Order::Breadth, Order::Depth] {
        let memory_bytes = 8 << 20;
        let limits = Limits {
            memory_bytes,
            ..Limits::NONE
        };
        let mut search = Search::new(Growing, limits, order);
        assert_eq!(search.finish(), Outcome::Bounded(Bound::Memory));
        let (taken, most) = (search.memory_bytes(), memory_bytes + memory_bytes / 10);
        assert!(
            memory_bytes * 9 / 10 < taken && taken < most,
            "{order:?}: {taken}"
        );
    }
}
