//! A server as a row of parts, for those who explore it.

use crate::visit::Visitor;
use explore::slot::Touched;

/// A state that is a row of shared parts, always as many and in the same order.
pub trait Parts: Sized {
    /// One part, shared with the state it is of.
    type Part: Clone + Eq + std::hash::Hash + std::fmt::Debug;

    /// All parts, with what was done to each since somebody last looked.
    fn parts(&self, each: &mut dyn FnMut(Touched, Self::Part));

    /// Takes other parts, in the order of [`parts`](Parts::parts).
    fn put(&mut self, parts: &mut dyn Iterator<Item = Self::Part>);

    /// Shows names, numbers and times of every part that `which` picks by what was done to it.
    fn visit_parts(&mut self, visitor: &mut impl Visitor, which: impl Fn(Touched) -> bool);
}

/// A state with numbers that only grow, and that are only compared: ids, generations, receipts. Whoever
/// explores it gives them smaller numbers in the same order, scope by scope, whenever some have grown.
pub trait Grows: Parts {
    /// How many scopes there are.
    fn scopes(&self) -> u8;

    /// Whether the numbers of a group's members are counted in a scope.
    fn is_within(&self, scope: u8, group: u8) -> bool;

    /// How far a scope's numbers have grown; another answer when one of them has. Looking is no touch.
    fn grown(&self, scope: u8) -> u64;

    /// Shows copies of what has to do with a scope.
    fn look_at(&self, scope: u8, visitor: &mut impl Visitor);

    /// Shows what has to do with a scope, to be changed.
    fn visit_scope(&mut self, scope: u8, visitor: &mut impl Visitor);

    /// Counts every part with such numbers as written to, so that all of them are looked at.
    fn touch(&self);
}

/// Names the [`Slot`](explore::slot::Slot)s of a state: implements [`Parts`] for it, with one
/// variant of a new enum for each. A field written with `[]` is a list of slots whose length never
/// changes while a scene runs.
///
/// ```
/// use explore::slot::{Slot, Touched};
/// use systems::{Parts, Visit, Visitor};
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Queue(Vec<u8>);
/// impl Visit for Queue { fn visit(&mut self, _: &mut impl Visitor) {} }
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Broker { queues: Vec<Slot<Queue>>, parked: Slot<Queue> }
///
/// systems::parts! {
///     /// A part of the broker.
///     pub enum Part of Broker { queues[]: Queue(Queue), parked: Parked(Queue) }
/// }
///
/// let broker = Broker { queues: vec![Slot::new(Queue(vec![1])); 2], parked: Slot::new(Queue(vec![])) };
/// let mut parts = Vec::new();
/// broker.parts(&mut |touched, part| { assert_eq!(touched, Touched::Not); parts.push(part) });
/// assert_eq!(parts.len(), 3);
/// ```
#[macro_export]
macro_rules! parts {
    ($(#[$doc:meta])* $vis:vis enum $part:ident of $state:ty { $( $field:ident $([$($list:tt)*])? : $variant:ident($kind:ty) ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        $vis enum $part { $( $variant(std::sync::Arc<$kind>) ),* }

        impl $crate::Parts for $state {
            type Part = $part;

            fn parts(&self, each: &mut dyn FnMut(explore::slot::Touched, $part)) {
                $( $crate::parts!(@each self.$field $([$($list)*])?, slot => {
                    each(slot.touched(), $part::$variant(slot.share()));
                }); )*
            }

            fn put(&mut self, parts: &mut dyn Iterator<Item = $part>) {
                $( $crate::parts!(@each_mut self.$field $([$($list)*])?, slot => {
                    match parts.next() {
                        Some($part::$variant(shared)) => *slot = explore::slot::Slot::of(shared),
                        _ => panic!("this part is none of {}", stringify!($field)),
                    }
                }); )*
            }

            fn visit_parts(
                &mut self,
                visitor: &mut impl $crate::Visitor,
                which: impl Fn(explore::slot::Touched) -> bool,
            ) {
                $( $crate::parts!(@each_mut self.$field $([$($list)*])?, slot => {
                    if <$kind as $crate::Visit>::HAS_ANY && which(slot.touched()) {
                        <$kind as $crate::Visit>::visit(&mut **slot, visitor);
                    }
                }); )*
            }
        }

        impl $crate::Visit for $part {
            fn visit(&mut self, visitor: &mut impl $crate::Visitor) {
                match self { $( $part::$variant(shared) => {
                    <$kind as $crate::Visit>::visit(std::sync::Arc::make_mut(shared), visitor);
                } )* }
            }
        }
    };
    (@each $state:ident.$field:ident, $slot:ident => $do:block) => {{ let $slot = &$state.$field; $do }};
    (@each $state:ident.$field:ident [], $slot:ident => $do:block) => { for $slot in &$state.$field $do };
    (@each_mut $state:ident.$field:ident, $slot:ident => $do:block) => {{ let $slot = &mut $state.$field; $do }};
    (@each_mut $state:ident.$field:ident [], $slot:ident => $do:block) => { for $slot in &mut $state.$field $do };
}
