//! Random octets: nonces, keys and session ids. The only file that names `rand`.
//!
//! Every call asks the operating system. A generator in the process would be faster and would repeat itself after a
//! `fork` or a restored snapshot of a virtual machine; one repeated nonce is enough to forge cookies (FORMAT §14).

use rand::TryRng;
use rand::rngs::SysRng;

use crate::error::RandomError;

pub(crate) fn octets<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut octets = [0; N];
    SysRng.try_fill_bytes(&mut octets).map_err(|_| RandomError)?;
    Ok(octets)
}
