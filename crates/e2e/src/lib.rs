#![doc = include_str!("../README.md")]

mod answer;
mod balancer;
mod browser;
mod certificates;
mod command;
mod device;
mod digest;
mod error;
mod faulty_storage;
mod garage;
mod key_service;
mod nginx;
mod object_storage;
mod page;
mod server;
mod share;

pub use answer::Answer;
pub use balancer::Balancer;
pub use browser::{Browser, BrowserError, Engine, Scheme, Scripts, View, Visitor};
pub use certificates::Certificates;
pub use command::Ended;
pub use device::{Device, Download, Installed, Protocol, trusting};
pub use digest::sha256_hex;
pub use error::DeviceError;
pub use faulty_storage::{FaultyStorage, REPEATED_BY_STORAGE, StorageFault, StorageRequest};
pub use garage::Garage;
pub use key_service::KeyService;
pub use nginx::Nginx;
pub use object_storage::{ObjectStorage, Quirk, SeenRequest};
pub use page::Page;
pub use server::{ServerFolder, TestServer, free_port};
pub use share::{Share, ShareUser};
