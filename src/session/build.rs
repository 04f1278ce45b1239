//! From settings to `Sessions`: every rule that settings share is checked here, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::data::decoders::Readers;
use crate::data::payload::SessionData;
use crate::error::ConfigError;
use crate::keys::key_ring::RingEvent;
use crate::record::header::Padding;
use crate::record::last_seen;
use crate::record::lifetime::{Limits, MAX_AGE_LIMIT};
use crate::session::about::MAX_FORMER;
use crate::session::builder::{Builder, Idle};
use crate::session::sessions::{Former, Inner, Sessions, Tenants};
use crate::time::Seconds;
use crate::token::{Context, Kind};
use crate::web::cookie::CookieFinder;
use crate::web::cookie::{
    Attributes, CookieTemplate, PrefixAttributes, SameSite, check_name, without_prefix,
};

impl<T: SessionData> Builder<T> {
    /// Checks the settings and puts the sessions together.
    ///
    /// # Errors
    /// The first rule that a setting breaks, with the name of the setting and the remedy.
    pub fn build(self) -> Result<Sessions<T>, ConfigError> {
        let sessions = self.put_together()?;
        sessions.tell_ring().iter().for_each(RingEvent::report);
        Ok(sessions)
    }

    /// Without a word to the ring.
    pub(crate) fn put_together(mut self) -> Result<Sessions<T>, ConfigError> {
        let accepted = std::mem::take(&mut self.accepted).into_iter().collect::<Result<_, _>>()?;
        let limits = self.limits()?;
        let readers = Arc::new(Readers::new(&self.samples, self.pinned.as_deref(), accepted)?);
        if matches!(self.padding, Padding::Block(block) if !(2..=MAX_BLOCK).contains(&block)) {
            return Err(ConfigError::Padding);
        }
        let given = self.tenants.iter().flat_map(|(name, tenant)| [Some(name), tenant.purpose.as_ref()]);
        if given.flatten().chain([&self.purpose]).any(|text| text.contains(SEPARATOR)) {
            return Err(ConfigError::Purpose);
        }
        let mut inner = self.assemble(self.attributes.clone(), &self.purpose, limits, &readers)?;
        let mut bounds = vec![(inner.name.clone(), self.purpose.clone())];
        for (name, tenant) in &self.tenants {
            let own = &self.attributes;
            let attributes = Attributes {
                name: tenant.name.as_ref().unwrap_or(&own.name).clone(),
                path: tenant.path.as_ref().unwrap_or(&own.path).clone(),
                domain: tenant.domain.as_ref().or(own.domain.as_ref()).cloned(),
                partitioned: tenant.partitioned.unwrap_or(own.partitioned),
                ..*own
            };
            let purpose =
                tenant.purpose.clone().unwrap_or_else(|| format!("{}{SEPARATOR}{name}", self.purpose));
            let built = self.assemble(attributes, &purpose, limits, &readers)?;
            let bound = (built.name.clone(), purpose);
            if bounds.contains(&bound) || !inner.tenants.add(name, built) {
                return Err(ConfigError::TenantTwice);
            }
            bounds.push(bound);
        }
        Ok(Sessions { inner: Arc::new(inner) })
    }

    /// The sessions of these attributes and this purpose.
    fn assemble(
        &self,
        mut attributes: Attributes,
        purpose: &str,
        limits: Limits,
        readers: &Arc<Readers<T>>,
    ) -> Result<Inner<T>, ConfigError> {
        if !attributes.secure {
            attributes.name = without_prefix(&attributes.name).to_owned();
        }
        self.check_attributes(&attributes)?;
        let name = attributes.name.clone();
        let context = |kind| Context::new(kind, &name, purpose).ok_or(ConfigError::Purpose);
        let template = CookieTemplate::new(&attributes);
        Ok(Inner {
            family: BUILT.fetch_add(1, Ordering::Relaxed),
            ring: self.ring.clone(),
            context: context(Kind::Session)?,
            last_seen_context: context(Kind::LastSeen)?,
            csrf_context: context(Kind::Form)?,
            readers: Arc::clone(readers),
            finder: CookieFinder::new(&name),
            last_seen_template: template.with_suffix(last_seen::SUFFIX),
            template,
            max_tombstones: self.max_tombstones,
            secure: attributes.secure,
            tell_caches: self.tell_caches,
            padding: self.padding,
            limits,
            not_before: self.not_before.map(Seconds::from),
            keep_unreadable: self.keep_unreadable,
            clock: self.clock.clone(),
            former: self.former_of(&attributes)?,
            tenants: Tenants::new(),
            name,
        })
    }

    /// The former places, each different from that of today.
    fn former_of(&self, attributes: &Attributes) -> Result<Vec<Former>, ConfigError> {
        if self.former.len() > MAX_FORMER {
            return Err(ConfigError::Former);
        }
        let former = self.former.iter().filter_map(|(name, path, domain)| {
            let name = if attributes.secure { name } else { without_prefix(name) };
            let place = (name.to_owned(), path.clone(), domain.clone());
            let old = Attributes { name: place.0, path: place.1, domain: place.2, ..*attributes };
            let is_today = (&old.name, &old.path, &old.domain)
                == (&attributes.name, &attributes.path, &attributes.domain);
            if is_today {
                // While developing, two names may differ in their prefix alone.
                return attributes.secure.then_some(Err(ConfigError::Former));
            }
            if let Err(error) = self.check_attributes(&old) {
                return Some(Err(error));
            }
            let template = CookieTemplate::new(&old);
            let finder = (old.name != attributes.name).then(|| CookieFinder::new(&old.name));
            Some(Ok(Former { finder, last_seen_template: template.with_suffix(last_seen::SUFFIX), template }))
        });
        former.collect()
    }

    fn check_attributes(&self, attributes: &Attributes) -> Result<(), ConfigError> {
        let Attributes { name, path, domain, same_site, secure, http_only, partitioned, .. } = attributes;
        // No request's path holds a space, and browsers would cut one off at the end, so the cookie would have another
        // path.
        let is_path_byte = |byte: u8| byte.is_ascii_graphic() && byte != b';';
        if !path.starts_with('/') || path.len() > MAX_ATTRIBUTE || !path.bytes().all(is_path_byte) {
            return Err(ConfigError::Path);
        }
        let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        // Browsers take no Domain of a single label, nor an address. Which others are public suffixes is not known
        // here.
        let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        let is_host = |host: &String| {
            let last = host.rsplit('.').next().unwrap_or_default();
            host.len() <= MAX_HOST
                && host.contains('.')
                && host.split('.').all(is_label)
                && host.bytes().all(is_host_byte)
                && !last.bytes().all(|byte| byte.is_ascii_digit())
        };
        if domain.as_ref().is_some_and(|domain| !is_host(domain)) {
            return Err(ConfigError::Domain);
        }
        let (has_domain, secure, http_only) = (domain.is_some(), *secure, *http_only);
        check_name(name, PrefixAttributes { path, has_domain, secure, http_only })?;
        if *same_site == SameSite::None && !secure {
            return Err(ConfigError::SameSiteNone);
        }
        if *partitioned && !secure {
            return Err(ConfigError::Partitioned);
        }
        Ok(())
    }

    fn limits(&self) -> Result<Limits, ConfigError> {
        let absolute = self.absolute.as_secs();
        let max_lifetime = self.max_lifetime.map_or(absolute, |lifetime| lifetime.as_secs());
        let idle = match self.idle {
            Idle::Default => Some(DEFAULT_IDLE.min(absolute.max(1))),
            Idle::Of(timeout) => Some(timeout.as_secs()),
            Idle::Off => None,
        };
        if idle == Some(0) {
            return Err(ConfigError::IdleZero);
        }
        if absolute == 0 {
            return Err(ConfigError::AbsoluteZero);
        }
        if absolute.max(max_lifetime) > MAX_AGE_LIMIT {
            return Err(ConfigError::Beyond400Days);
        }
        if idle.is_some_and(|idle| idle > absolute) {
            return Err(ConfigError::IdleBeyondAbsolute);
        }
        if max_lifetime < absolute {
            return Err(ConfigError::MaxLifetimeBelowAbsolute);
        }
        if self.max_tombstones == 0 {
            return Err(ConfigError::MaxTombstones);
        }
        let tenth = idle.unwrap_or(absolute) / 10;
        let renewal_interval = self.renewal_interval.map_or(tenth.max(1), |interval| interval.as_secs());
        // One as long as the idle timeout would never be due in time.
        if renewal_interval == 0 || idle.is_some_and(|idle| renewal_interval >= idle.max(2)) {
            return Err(ConfigError::RenewalInterval);
        }
        Ok(Limits { idle, absolute, max_lifetime, renewal_interval })
    }
}

/// How many sessions have been built, in this process.
static BUILT: AtomicU64 = AtomicU64::new(0);

/// Between a purpose and the name of a tenant. It can stand in neither, so no pair of them looks like another.
const SEPARATOR: char = '\0';

// Browsers ignore an attribute whose value is longer (RFC 6265bis §5.6).
const MAX_ATTRIBUTE: usize = 1024;
const MAX_HOST: usize = 253;
const MAX_BLOCK: usize = 1024;
const DEFAULT_IDLE: u64 = 24 * 3600;
