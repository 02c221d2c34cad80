//! The routes as devices, people and machines meet them.

mod app;
mod help;
mod install;
mod nodes;
mod package;
mod self_check;
mod upload;
