//! The application's data as octets and back. The only file that names `postcard`; it and `shape` name `serde`.

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::secret::SecretBuffer;

/// What a session can hold: any type of the application's own with serde's derives and `Default`.
///
/// There is nothing to implement. `T::default()` is what every stranger gets, so it must grant nothing.
pub trait SessionData: Serialize + DeserializeOwned + Default + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Default + Send + Sync + 'static> SessionData for T {}

/// The data does not serialize, or the octets are not its serialization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayloadError;

/// Appends the postcard form of `data`.
pub(crate) fn encode<T: Serialize>(data: &T, buffer: &mut SecretBuffer) -> Result<(), PayloadError> {
    postcard::serialize_with_flavor(data, Into(buffer)).map_err(|_| PayloadError)
}

/// Reads a `T` from exactly these octets: what is left over is an error too.
pub(crate) fn decode<T: DeserializeOwned>(octets: &[u8]) -> Result<T, PayloadError> {
    match postcard::take_from_bytes(octets) {
        Ok((data, [])) => Ok(data),
        _ => Err(PayloadError),
    }
}

struct Into<'a>(&'a mut SecretBuffer);

impl Flavor for Into<'_> {
    type Output = ();

    fn try_extend(&mut self, octets: &[u8]) -> postcard::Result<()> {
        self.0.push(octets);
        Ok(())
    }

    fn try_push(&mut self, octet: u8) -> postcard::Result<()> {
        self.0.push(&[octet]);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_must_be_consumed() {
        assert_eq!(decode::<(u8, bool)>(&[7, 1]), Ok((7, true)));
        for wrong in [&[][..], &[7], &[7, 1, 0], &[7, 2]] {
            assert_eq!(decode::<(u8, bool)>(wrong), Err(PayloadError), "{wrong:?}");
        }
    }

    #[test]
    fn a_claimed_length_allocates_nothing() {
        // 2^32 - 1 elements, of which none follows.
        let claim = [0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(decode::<Vec<[u64; 32]>>(&claim), Err(PayloadError));
        assert_eq!(decode::<String>(&claim), Err(PayloadError));
    }
}
