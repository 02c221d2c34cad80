//! Rules on live roads, tried with facts made by hand.

mod facts;
mod fetches;
mod icons;
mod packages;
mod roads;
