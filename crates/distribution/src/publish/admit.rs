use catalog::{Access, Actor, AllowedCode, App, Channel, Name, TokenReach, Unit};
use doctor::Finding;
use ipa::{BundleId, Platform, SigningKind};

use super::{Allow, OpenInHouse, PublishError, PublishRequest};
use crate::caller::{Caller, NotAllowed};
use crate::{Distribution, InHousePolicy};

/// The name of the channel that a publisher gets who names none.
const DEFAULT_CHANNEL: &str = "default";

/// Where an upload goes.
pub(super) enum Destination {
    /// A channel that is there.
    Channel(Channel),
    /// A channel to be made, with this name.
    NewChannel(Name),
}

/// Lets an upload pass whose refusing findings were all allowed, and says which those are.
pub(super) fn admit_findings(
    findings: &[Finding],
    allow: &Allow,
    by: Actor,
) -> Result<Vec<AllowedCode>, PublishError> {
    let refusing = findings.iter().filter(|finding| finding.refuses_upload());
    let (allowed, refused): (Vec<_>, Vec<_>) = refusing.partition(|finding| allow.lets_pass(finding));
    if !refused.is_empty() {
        return Err(PublishError::Refused(findings.to_vec()));
    }
    let mut allowed: Vec<_> = allowed.iter().map(|finding| finding.code.clone()).collect();
    allowed.dedup();
    Ok(allowed.into_iter().map(|code| AllowedCode { code, by }).collect())
}

impl Distribution {
    /// The app this package is a build of, if it is known; refuses callers who may not make it known.
    pub(super) async fn admit_app(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        bundle_id: &BundleId,
        platform: Platform,
    ) -> Result<Option<App>, PublishError> {
        let app = unit.apps().find_by_bundle(bundle_id, platform).await?;
        if app.is_none() {
            caller.may_create_app()?;
        }
        Ok(app)
    }

    /// Where the build goes, if its caller may put it there.
    pub(super) async fn admit_channel(
        &self,
        unit: &mut dyn Unit,
        caller: &Caller,
        app: &App,
        request: &PublishRequest,
    ) -> Result<Destination, PublishError> {
        let found = match (&request.channel, caller.reach()) {
            (None, TokenReach::Channel(id)) => unit.channels().find(id).await?,
            (Some(name), _) => unit.channels().find_by_name(app.id, name).await?,
            (None, _) => unit.channels().find_by_name(app.id, &default_channel()).await?,
        };
        let Some(channel) = found else {
            caller.may_create_channel(app.id)?;
            return Ok(Destination::NewChannel(request.channel.clone().unwrap_or_else(default_channel)));
        };
        caller.may_release_on(&channel)?;
        if channel.app != app.id {
            return Err(NotAllowed {
                wanted: "publish this app",
                reason: "its channel belongs to another app",
            }
            .into());
        }
        if channel.closed_at.is_some() {
            return Err(PublishError::ChannelClosed { channel: channel.name.to_string() });
        }
        Ok(Destination::Channel(channel))
    }

    /// Refuses an in-house build on a channel that anyone can open, unless its owner agreed.
    pub(super) fn admit_signing(
        &self,
        channel: &Channel,
        kind: Option<SigningKind>,
        request: &PublishRequest,
    ) -> Result<(), PublishError> {
        let exposed = kind == Some(SigningKind::InHouse) && channel.access == Access::Open;
        let agreed = channel.open_in_house_at.is_some()
            || request.open_in_house == OpenInHouse::Agreed
            || self.policy.in_house_on_open_channels == InHousePolicy::Agreed;
        if exposed && !agreed {
            return Err(PublishError::InHouseOnOpenChannel { channel: channel.name.to_string() });
        }
        Ok(())
    }
}

fn default_channel() -> Name {
    Name::parse(DEFAULT_CHANNEL).expect("a short word is a name")
}
