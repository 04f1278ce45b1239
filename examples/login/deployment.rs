//! What runs: one of two versions of the application, with one key ring. Both change while it runs, by another router
//! in the place of the one before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::Router;
use sealed_session::{ConfigError, KeyRing, Sessions};
use serde::Deserialize;
use tower_service::Service;

use crate::app;
use crate::keys::{Keys, RequestInfo, RotateError};
use crate::visitor::{ThemedVisitor, Visitor};

pub(crate) struct Deployment {
    first: Sessions<Visitor>,
    second: Sessions<ThemedVisitor>,
    now: Mutex<Now>,
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
    pub(crate) keys_are_in: RequestInfo,
}

/// Hands a request to the application as it is now. One that is under way ends as it began.
pub(crate) async fn answer(State(deployment): State<Arc<Deployment>>, mut request: Request) -> Response {
    let (mut router, ring, keys_are_in) = {
        let Now { keys, router, .. } = &*deployment.now();
        (router.clone(), keys.ring(), keys.place())
    };
    request.extensions_mut().insert(Running { deployment, ring, keys_are_in });
    match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

impl Deployment {
    pub(crate) fn new(keys: Keys) -> Result<Self, ConfigError> {
        let (first, second) = (app::sessions(keys.ring())?, app::sessions(keys.ring())?);
        let (version, router) = (Version::First, Router::new());
        let deployment = Self { first, second, now: Mutex::new(Now { keys, version, router }) };
        deployment.deploy(version);
        Ok(deployment)
    }

    pub(crate) fn deploy(&self, version: Version) {
        let mut now = self.now();
        now.version = version;
        self.renew_router(&mut now);
    }

    /// From the next request on a new key seals, and all those before it open.
    pub(crate) fn rotate(&self) -> Result<(), RotateError> {
        let mut now = self.now();
        now.keys.rotate()?;
        self.renew_router(&mut now);
        Ok(())
    }

    fn renew_router(&self, now: &mut Now) {
        let ring = now.keys.ring();
        now.router = match now.version {
            Version::First => app::service(app::routes(), self.first.with_key_ring(ring)),
            Version::Second => app::service(app::routes_with_theme(), self.second.with_key_ring(ring)),
        };
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
