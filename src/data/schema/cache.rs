//! What was found by earlier walks: an application that builds many `Sessions` of one type walks it once.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::Description;
use super::payload;
use crate::crypto::sha256;
use crate::error::SchemaError;

/// A type, and a hash of the values that its walk began with.
type CacheKey = (TypeId, [u8; 32]);

/// How many descriptions are kept. A type whose default differs from value to value, such as one with a random token
/// in it, is never found again and must not fill the memory.
const CAPACITY: usize = 256;

static FOUND: LazyLock<Mutex<HashMap<CacheKey, Arc<Description>>>> = LazyLock::new(Mutex::default);

/// The description of `T`, walked from these values; what `walk` finds, if nobody has walked it yet.
///
/// The walk runs the application's code, so no lock is held meanwhile. A refusal is not remembered.
pub(super) fn find_or<T: Serialize + 'static>(
    values: &[&T],
    walk: impl FnOnce() -> Result<Description, SchemaError>,
) -> Result<Arc<Description>, SchemaError> {
    let mut began_with = Vec::new();
    for value in values {
        let Ok(bytes) = payload::to_vec(*value) else { return walk().map(Arc::new) }; // which names what is wrong
        began_with.extend((bytes.len() as u64).to_be_bytes());
        began_with.extend(bytes);
    }
    let key = (TypeId::of::<T>(), sha256::hash(&[&began_with]));
    if let Some(found) = found().get(&key) {
        return Ok(Arc::clone(found));
    }
    let description = Arc::new(walk()?);
    let mut found = found();
    if found.len() >= CAPACITY {
        // Any will do: what is looked up again is walked again, once.
        let some = found.keys().next().copied();
        some.and_then(|some| found.remove(&some));
    }
    found.insert(key, Arc::clone(&description));
    Ok(description)
}

fn found() -> MutexGuard<'static, HashMap<CacheKey, Arc<Description>>> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_never_looks_the_same_does_not_fill_the_memory() {
        for value in 0..u64::try_from(2 * CAPACITY).unwrap() {
            Description::of(&[value]).unwrap();
        }
        assert_eq!(found().len(), CAPACITY);
    }
}
