"""The algorithms of sealed_session.py against the vectors of their own specifications."""

import hashlib
import unittest

import reader
from sealed_session import XAES, XCHACHA, hchacha20, xaes_derive

COUNTING = bytes(range(0x80, 0xA0))
SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)


class Codes(unittest.TestCase):
    """The codes of last-seen cookies, of both programs."""

    def test_cmac(self):
        """NIST SP 800-38B, AES-256."""
        key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
        message = bytes.fromhex(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
        )
        for length, code in (
            (0, "028962f61b7bf89efc6b551f4667d983"),
            (16, "28a7023f452e8f82bd4bf28d8c37c35c"),
            (40, "aaf3d8f1de5640c232f5b169b9c911e6"),
            (64, "e1992190549f6ed5696a2c056c315410"),
        ):
            for mac in (XAES.mac, reader.cmac):
                self.assertEqual(mac(key, message[:length]).hex(), code)

    def test_hmac(self):
        """RFC 4231, test case 2."""
        for mac in (XCHACHA.mac, reader.hmac):
            code = mac(b"Jefe", b"what do ya want for nothing?").hex()
            self.assertEqual(code, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")


class Xaes(unittest.TestCase):
    """c2sp.org/XAES-256-GCM, "Test vectors"."""

    nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"

    def check(self, byte, associated, expected, **derived):
        key = bytes([byte]) * 32
        values = xaes_derive(key, self.nonce)
        for name, value in derived.items():
            self.assertEqual(values[name].hex(), value, name)
        sealed = XAES.seal(key, self.nonce, b"XAES-256-GCM", associated)
        self.assertEqual(sealed.hex(), expected)
        self.assertEqual(XAES.open(key, self.nonce, sealed, associated), b"XAES-256-GCM")

    def test_top_bit_of_l_clear(self):
        self.check(
            1,
            b"",
            "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
            L="7298caa565031eadc6ce23d23ea66378",
            K1="e531954aca063d5b8d9c47a47d4cc6f0",
            Kx="c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b",
        )

    def test_top_bit_of_l_set(self):
        self.check(
            3,
            b"c2sp.org/XAES-256-GCM",
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
            L="91c08762876dccf9ba204a33768fa5fe",
            K1="23810ec50edb99f374409466ed1f4b7b",
            Kx="e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
        )

    def test_accumulated_10_000(self):
        stream = hashlib.shake_128(b"").digest(10_000 * (32 + 24 + 2 * 256))
        digest, at = hashlib.shake_128(), 0

        def read(n):
            nonlocal at
            at += n
            return stream[at - n : at]

        for _ in range(10_000):
            key, nonce = read(32), read(24)
            plaintext = read(read(1)[0])
            associated = read(read(1)[0])
            digest.update(XAES.seal(key, nonce, plaintext, associated))
        self.assertEqual(digest.hexdigest(32), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939")


class Xchacha(unittest.TestCase):
    """draft-irtf-cfrg-xchacha-03, §2.2.1 and A.3.1."""

    def test_hchacha20(self):
        derived = hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
        self.assertEqual(derived.hex(), "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")

    def test_aead(self):
        nonce = bytes(range(0x40, 0x58))
        associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
        sealed = XCHACHA.seal(COUNTING, nonce, SUNSCREEN, associated)
        self.assertEqual(
            sealed.hex(),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
            "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
            "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49",
        )
        self.assertEqual(XCHACHA.open(COUNTING, nonce, sealed, associated), SUNSCREEN)


if __name__ == "__main__":
    unittest.main()
