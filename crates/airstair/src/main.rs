#![doc = include_str!("../README.md")]

mod failure;
mod terminal;

fn main() {
    let failure = failure::Failure::usage("name a command");
    terminal::failure(&failure);
}
