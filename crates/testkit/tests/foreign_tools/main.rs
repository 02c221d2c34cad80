//! What other people's tools say about the bytes made here: Python's standard library, `unzip`, `openssl`, `goblin`.

mod archives;
mod executables;
mod hostile;
mod icons;
mod packages;
mod profiles;
mod property_lists;
mod tools;
