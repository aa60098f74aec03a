//! Every schedule is visited once, what is found is real, and the way to it is the shortest.

mod counted;
mod eventually;
#[path = "../models/group.rs"]
mod group;
mod known;
mod random;
mod replay;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../models/rival.rs"]
mod rival;
mod weighed;
