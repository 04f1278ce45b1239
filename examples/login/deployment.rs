//! What runs: one of two versions of the application, with one key ring. Both change while it runs, by another router
//! in the place of the one before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::Router;
use sealed_session::revocation::Revocations;
use sealed_session::{ConfigError, KeyRing};
use serde::Deserialize;
use tower_service::Service;

use crate::app;
use crate::failure::Failure;
use crate::keys::{Keys, KeysIn};
use crate::visitor::Visitor;

pub(crate) struct Deployment {
    now: Mutex<Now>,
    /// They outlive a deploy and a rotation, and not a restart: this demo has no channel to other processes.
    revocations: Revocations,
}

struct Now {
    keys: Keys,
    version: Version,
    router: Router,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Version {
    First,
    Second,
}

/// What a request finds running, among its extensions.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) ring: KeyRing,
    pub(crate) keys_are_in: KeysIn,
}

/// Hands a request to the application as it is now. One that is under way ends as it began.
pub(crate) async fn answer(State(deployment): State<Arc<Deployment>>, mut request: Request) -> Response {
    let (mut router, ring, keys_are_in) = {
        let Now { keys, router, .. } = &*deployment.now();
        (router.clone(), keys.ring(), keys.are_in())
    };
    request.extensions_mut().insert(Running { deployment, ring, keys_are_in });
    match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

impl Deployment {
    pub(crate) fn new(keys: Keys) -> Result<Self, ConfigError> {
        let version = Version::First;
        let revocations = Revocations::new();
        let router = router(version, keys.ring(), &revocations)?;
        Ok(Self { now: Mutex::new(Now { keys, version, router }), revocations })
    }

    pub(crate) fn deploy(&self, version: Version) -> Result<(), ConfigError> {
        let mut now = self.now();
        now.router = router(version, now.keys.ring(), &self.revocations)?;
        now.version = version;
        Ok(())
    }

    /// From the next request on a new key seals, and all those before it open.
    pub(crate) fn rotate(&self) -> Result<(), Failure> {
        let mut now = self.now();
        now.keys.rotate()?;
        now.router = router(now.version, now.keys.ring(), &self.revocations)?;
        Ok(())
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One version of the application, with these keys. Its session type has been walked by the second time.
fn router(version: Version, ring: KeyRing, revocations: &Revocations) -> Result<Router, ConfigError> {
    Ok(match version {
        Version::First => app::service(app::routes::<Visitor>(), app::sessions(ring, revocations)?),
        Version::Second => app::service(app::routes_with_theme(), app::sessions(ring, revocations)?),
    })
}
