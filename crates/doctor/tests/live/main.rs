//! Rules on live roads, tried with facts made by hand.

mod cascades;
mod facts;
mod fetches;
mod icons;
mod networks;
mod packages;
mod pages;
mod roads;
