//! Rules on live roads, tried with facts made by hand.

mod cascades;
mod causes;
mod certificates;
mod facts;
mod fetches;
mod handshakes;
mod icons;
mod networks;
mod packages;
mod pages;
mod roads;
mod trust;
