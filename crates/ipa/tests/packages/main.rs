//! Whole packages: made for the tests, taken from the world, damaged on purpose.

#[cfg(test)]
mod archive;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod deep;
#[cfg(test)]
mod examine;
#[cfg(test)]
mod executable;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod signature;
#[cfg(test)]
mod walk;
