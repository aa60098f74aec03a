//! Every schedule is visited once, what is found is real, and the way to it is the shortest.

#[path = "../models/group.rs"]
mod group;
mod known;
