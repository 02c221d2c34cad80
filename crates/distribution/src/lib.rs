#![doc = include_str!("../README.md")]

mod administration;
mod attempts;
mod caller;
mod channels;
mod clock;
mod device;
mod distribution;
mod events;
mod garbage;
mod jobs;
mod page;
mod publish;
mod random;
mod readiness;
mod relay;
mod secret_key;
mod self_check;
mod ticket;
mod ticket_keys;
mod tokens;

pub use administration::Administration;
pub use attempts::Sending;
pub use caller::{Caller, NotAllowed, TokenRefusal};
pub use channels::{ChannelError, NewChannel};
pub use clock::Clock;
pub use device::{DeviceFile, ServeError, Served, ServedPackage, TicketRefusal, Visitor, Wanted};
pub use distribution::{Distribution, InHousePolicy, Policy};
pub use garbage::{CollectError, Collected, Collector};
pub use page::{Install, InstallPage, PageOffer};
pub use publish::{
    Allow, InspectionRefusal, Novelty, OpenInHouse, PublishError, PublishRequest, Published, Upload,
};
pub use readiness::CheckError;
pub use secret_key::{SecretKey, UnsealError};
pub use self_check::OwnRoad;
pub use ticket::TicketError;
pub use ticket_keys::TicketKeysError;
pub use tokens::{CreatedToken, NewToken, TokenSecret};
