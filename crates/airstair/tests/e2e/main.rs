//! The real binary, as devices, publishers and owners meet it.

#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod behind_nginx;
mod bench;
mod browsers;
mod bucket_access;
mod camera;
mod clock;
mod crash;
mod database_faults;
mod disk;
mod faults;
mod install;
mod local_name;
mod network;
mod nodes;
mod object_storage;
mod obstacle;
mod presigned;
mod python;
mod self_check;
mod share;
mod storage_faults;
mod trust;
