//! Redis: what its documentation and its users say it does.

mod cases;
mod channels;
mod parts;
mod properties;
mod streams;
mod talk;
mod versions;
