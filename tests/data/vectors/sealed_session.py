"""The sealed-session format, version 1, a second time: written from FORMAT.md alone, to be read beside it.

A § is a section of FORMAT.md. This module makes and checks test vectors. It is not for use: it takes nonces from its
caller, wipes nothing, and reads keys that everybody knows.
"""

import base64
import hmac
import re
import struct
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hashlib import sha256

import schema
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.cmac import CMAC


class Rejection(Exception):
    """Why something offered was not accepted; `word` and `step` are those of §6, where there is a step."""

    def __init__(self, word, step=0):
        super().__init__(word)
        self.word = word
        self.step = 15 if word == "payload" else step


def require(condition, word, step=0):
    if not condition:
        raise Rejection(word, step)


# §1 Conventions

WHITE_SPACE = b" \t\n\r\f"


def u32(x):
    return struct.pack(">I", x)


def len8(s):
    return bytes([len(s)]) + s


def varint(x):
    """Unsigned LEB128 in its shortest form."""
    raw = bytearray()
    while x >= 0x80:
        raw.append(x & 0x7F | 0x80)
        x >>= 7
    raw.append(x)
    return bytes(raw)


def read_varint(raw):
    """The number at the front of `raw` and what follows it: shortest form, at most five bytes."""
    x = 0
    for i, byte in enumerate(raw[:5]):
        x |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            require(byte != 0 or i == 0, "payload")
            return x, raw[i + 1 :]
    raise Rejection("payload")


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_base64url(text):
    require(re.fullmatch(rb"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "malformed", 2)
    raw = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    require(base64url(raw).encode("ascii") == text, "malformed", 2)
    return raw


# §2 The algorithms


def aes_block(key, block):
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)


def xaes_derive(key, nonce):
    """XAES-256-GCM (c2sp.org/XAES-256-GCM), "Detailed key derivation algorithm", every value by its name there."""
    block = aes_block(key, bytes(16))
    k1 = int.from_bytes(block, "big") << 1
    if k1 >> 128:
        k1 = k1 & (1 << 128) - 1 ^ 0b10000111
    k1 = k1.to_bytes(16, "big")
    m1 = b"\x00\x01X\x00" + nonce[:12]
    m2 = b"\x00\x02X\x00" + nonce[:12]
    kx = b"".join(aes_block(key, bytes(a ^ b for a, b in zip(m, k1))) for m in (m1, m2))
    return {"L": block, "K1": k1, "M1": m1, "M2": m2, "Kx": kx, "Nx": nonce[12:]}


def xaes(key, nonce):
    derived = xaes_derive(key, nonce)
    return AESGCM(derived["Kx"]), derived["Nx"]


def hchacha20(key, nonce16):
    """draft-irtf-cfrg-xchacha-03 §2.2: the rounds of ChaCha20 without the final addition; rows one and four."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce16))

    def mix(a, b, turn, c):
        state[a] = (state[a] + state[b]) & 0xFFFFFFFF
        x = state[c] ^ state[a]
        state[c] = (x << turn | x >> 32 - turn) & 0xFFFFFFFF

    def quarter_round(a, b, c, d):
        for x, y, turn, z in ((a, b, 16, d), (c, d, 12, b), (a, b, 8, d), (c, d, 7, b)):
            mix(x, y, turn, z)

    for _ in range(10):
        for i in range(4):
            quarter_round(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter_round(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


def xchacha(key, nonce):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


@dataclass(frozen=True)
class Algorithm:
    a: int
    word: str
    title: str
    aead: object
    mac: object

    def seal(self, key, nonce, plaintext, associated):
        cipher, short_nonce = self.aead(key, nonce)
        return cipher.encrypt(short_nonce, plaintext, associated)

    def open(self, key, nonce, ciphertext, associated):
        cipher, short_nonce = self.aead(key, nonce)
        try:
            return cipher.decrypt(short_nonce, ciphertext, associated)
        except InvalidTag:
            raise Rejection("forged", 6) from None


def aes_256_cmac(key, message):
    code = CMAC(algorithms.AES256(key))
    code.update(message)
    return code.finalize()


def hmac_sha_256(key, message):
    return hmac.digest(key, message, "sha256")


XAES = Algorithm(1, "xaes", "XAES-256-GCM", xaes, aes_256_cmac)
XCHACHA = Algorithm(2, "xchacha", "XChaCha20-Poly1305", xchacha, hmac_sha_256)
ALGORITHMS = (XAES, XCHACHA)

# §2.1 Key id, §2.2 Key text

N0 = b"sealed-session/key-id/v1"


@dataclass(frozen=True)
class Key:
    algorithm: Algorithm
    raw: bytes

    @property
    def id(self):
        return self.algorithm.seal(self.raw, N0, bytes(4), b"")[:4]

    @property
    def text(self):
        return f"sealed1_{self.algorithm.word}_{self.raw.hex()}{self.id.hex()}"

    @property
    def weak(self):
        """All bytes equal, counting up, or counting down."""
        steps = {(y - x) % 256 for x, y in zip(self.raw, self.raw[1:])}
        return steps in ({0}, {1}, {255})


def read_key(text, weak_allowed=False):
    parts = re.fullmatch(rb"sealed1_([^_]*)_(.*)", text.strip(WHITE_SPACE), re.DOTALL)
    require(parts, "malformed")
    word, digits = parts.groups()
    algorithm = next((algorithm for algorithm in ALGORITHMS if algorithm.word.encode() == word), None)
    require(algorithm, "unknown_algorithm")
    require(re.fullmatch(rb"[0-9a-f]{72}", digits), "malformed")
    raw, key_id = digits[:64].decode(), digits[64:].decode()
    key = Key(algorithm, bytes.fromhex(raw))
    require(key.id.hex() == key_id, "checksum")
    require(weak_allowed or not key.weak, "weak")
    return key


# §3 Ring text


@dataclass
class Entry:
    key: Key
    seals_from: int | None = None
    opens_until: int | None = None


@dataclass
class Ring:
    """The entries in the order in which they seal; of a plain ring, in the order of the text."""

    entries: list
    dated: bool

    def seals(self, now):
        """§3.2, for a process that has just read it."""
        passed = [entry for entry in self.entries if self.dated and entry.seals_from <= now]
        return passed[-1] if passed else self.entries[0]

    def opens(self, now):
        return [entry for entry in self.entries if entry.opens_until is None or now < entry.opens_until]


def read_time(text):
    """§3.1"""
    parts = re.fullmatch(rb"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", text)
    require(parts and int(parts[1]) >= 1970, "time")
    try:
        return int(datetime(*map(int, parts.groups()), tzinfo=timezone.utc).timestamp())
    except ValueError:
        raise Rejection("time") from None


def read_entry(words, weak_allowed):
    entry = Entry(read_key(words[0], weak_allowed))
    for word in words[1:]:
        name, equals, time = word.partition(b"=")
        require(equals and name in (b"seals-from", b"opens-until"), "unknown_word")
        time, field = read_time(time), name.decode().replace("-", "_")
        require(getattr(entry, field) is None, "repeated_word")
        setattr(entry, field, time)
    return entry


def read_ring(text, now=0, weak_allowed=False):
    require(len(text) <= 65536, "too_long")
    require(not text.startswith(b"\xef\xbb\xbf"), "byte_order_mark")
    require(b"\0" not in text, "nul")
    entries = []
    for line in text.split(b"\n"):
        for words in line.partition(b"#")[0].split(b","):
            words = re.findall(rb"[^ \t\n\r\f]+", words)
            if words:
                require(len(entries) < 64, "too_many")
                entries.append(read_entry(words, weak_allowed))
    require(entries, "empty")
    require(len({entry.key.id for entry in entries}) == len(entries), "repeated")
    if all(entry.seals_from is None and entry.opens_until is None for entry in entries):
        return Ring(entries, dated=False)
    require(all(entry.seals_from is not None for entry in entries), "missing_seals_from")
    for entry in entries:
        require(entry.opens_until is None or entry.opens_until > entry.seals_from, "ends_before_it_seals")
    entries.sort(key=lambda entry: entry.seals_from)
    for entry, next_one in zip(entries, entries[1:]):
        require(entry.seals_from != next_one.seals_from, "same_time")
    for entry, next_one in zip(entries, entries[1:]):
        require(entry.opens_until is None or entry.opens_until > next_one.seals_from, "ends_while_sealing")
    require(entries[-1].opens_until is None, "ends_while_sealing")
    require(entries[0].seals_from <= now + 60, "not_yet")
    return Ring(entries, dated=True)


# §4 Envelope

SESSION = 0x01
LAST_SEEN = 0x02
APPLICATION = 0x03
FORM = 0x04


@dataclass(frozen=True)
class Context:
    """§4.1: what a token is bound to."""

    kind: int
    name: str
    purpose: str = ""

    def associated(self, version, key_id):
        name, purpose = self.name.encode(), self.purpose.encode()
        return bytes([version]) + key_id + bytes([self.kind]) + len8(name) + len8(purpose)


# §5 Sealing


def seal(key, context, nonce, plaintext, version=None, key_id=None):
    """The envelope. `version` and `key_id` are the key's own, except in vectors of what is wrong."""
    version = 16 + key.algorithm.a if version is None else version
    key_id = key_id or key.id
    associated = context.associated(version, key_id)
    return bytes([version]) + key_id + nonce + key.algorithm.seal(key.raw, nonce, plaintext, associated)


# §6 Opening


def open_token(ring, context, token):
    """Steps 1 to 6: the plaintext."""
    require(len(token) <= 4096, "too_long", 1)
    envelope = read_base64url(token)
    require(len(envelope) >= 45, "malformed", 2)
    version, key_id, nonce, ciphertext = envelope[0], envelope[1:5], envelope[5:29], envelope[29:]
    require(version >> 4 == 1 and version & 15 in {algorithm.a for algorithm in ALGORITHMS}, "malformed", 2)
    key = next((key for key in ring if key.id == key_id), None)
    require(key, "unknown_key", 4)
    require(key.algorithm.a == version & 15, "malformed", 2)
    return key.algorithm.open(key.raw, nonce, ciphertext, context.associated(version, key_id))


def open_cookie(ring, context, name, value):
    """Steps 1 to 6 for a cookie: the plaintext and the tag."""
    require(len(name) + 1 + len(value) <= 4093, "too_long", 1)
    return open_token(ring, context, value), read_base64url(value)[-16:]


@dataclass(frozen=True)
class Settings:
    """What the application has configured, in seconds. `idle` 0 switches the idle timeout off."""

    idle: int = 86400
    absolute: int = 604800
    max_lifetime: int = 604800
    not_before: int = 0
    revocations: tuple = ()  # the lines of a channel

    def renewal_due(self, since, now):
        """§9: whether a tenth of the idle timeout has passed, rounded down, at least a second."""
        return now - since >= max(self.idle // 10, 1)


def read_pairs(header):
    """§6.1: name and value of every pair that has a name."""
    for pair in header.split(b";"):
        name, equals, value = pair.partition(b"=")
        if equals:
            yield name.strip(b" \t"), value.strip(b" \t")


def first_four(values):
    """§6.1: the first four that differ."""
    return list(dict.fromkeys(values))[:4]


def load(ring, context, header, now, settings):
    """§6.1: the session of a Cookie header."""
    name = context.name.encode()
    pairs = list(read_pairs(header))
    candidates = first_four(value for other, value in pairs if other == name)
    require(candidates, "absent")
    last_seen = first_four(value for other, value in pairs if other == name + b".seen")
    tombstones = {other for other, _ in pairs if other.startswith(name + b".out.")}

    passed, rejections = [], []
    for value in candidates:
        try:
            plaintext, tag = open_cookie(ring, context, name, value)
            record = read_record(plaintext)

            def renewed_at(tag=tag):
                moments = (read_last_seen(ring, context, value, tag, now) for value in last_seen)
                return max((moment for moment in moments if moment is not None), default=0)

            check_times(record, now, settings, renewed_at)
            require(tombstone_of(name, record.id[:8]) not in tombstones, "ended", 13)
            require(tombstone_of(name, record.id) not in tombstones, "ended", 13)
            require(record.device_key is None, "unbound", 14)
            passed.append(record)
        except Rejection as rejection:
            rejections.append(rejection)
    for record in sorted(passed, key=lambda record: record.written, reverse=True):  # of equal ones, the earlier pair
        try:
            user, _, _ = read_visitor(record.unpadded)
            require(record.started >= settings.not_before, "revoked", 16)
            entries = read_entries(ring, context, settings.revocations, now)
            require(not any(entry.ends(record, user) for entry in entries), "revoked", 16)
            return record
        except Rejection as rejection:
            rejections.append(rejection)
    raise max(rejections, key=lambda rejection: rejection.step)


def check_times(record, now, settings, renewed_at):
    """Steps 10 to 12. `renewed_at` looks at the last-seen cookies, where that is due."""
    require(record.written <= now + 60, "from_the_future", 10)
    if settings.idle and not record.remembered:
        since = record.idle_start
        if settings.renewal_due(since, now):
            since = max(since, renewed_at())
        require(now < since + settings.idle, "idle", 11)
    limit = settings.max_lifetime if record.remembered else settings.absolute
    require(now < record.deadline and now < record.started + limit, "absolute", 12)


# §7 Record

# §8: five bytes that stand for the type `Visitor`. This is the one place where they are written down.
SCHEMA = bytes.fromhex(schema.fingerprint("{user:?u64,name:str,roles:[str]}"))

AUTHENTICATED, REMEMBERED, IDLE, AUTH_TIME, ENTRY, BOUND = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True)
class Record:
    """`None` stands for what is not there; what follows from the rest is a property."""

    id: bytes
    started: int
    written: int
    deadline: int
    payload: bytes
    authenticated_at: int = None
    idle_start: int = None
    remembered: bool = False
    entry: bytes = None
    device_key: bytes = None
    padding: bytes = None
    schema: bytes = SCHEMA

    @property
    def w(self):
        return varint(self.written - self.started)

    @property
    def d(self):
        return varint(self.deadline - self.started)

    @property
    def flags(self):
        later = self.authenticated_at is not None and self.authenticated_at != self.started
        early = self.idle_start is not None and self.idle_start != self.written
        return (
            AUTHENTICATED * (self.authenticated_at is not None)
            + REMEMBERED * self.remembered
            + IDLE * early
            + AUTH_TIME * later
            + ENTRY * (self.entry is not None)
            + BOUND * (self.device_key is not None)
        )

    @property
    def header(self):
        raw = self.schema + self.id + u32(self.started) + bytes([self.flags]) + self.w + self.d
        if self.flags & IDLE:
            raw += varint(self.written - self.idle_start)
        if self.flags & AUTH_TIME:
            raw += varint(self.authenticated_at - self.started)
        return raw + (self.entry or b"") + (self.device_key or b"")

    @property
    def raw(self):
        return padded(self.header + self.payload, self.padding)

    @property
    def unpadded(self):
        """The payload of a record that was read."""
        if self.padding is None:
            return self.payload
        payload = self.payload.rstrip(b"\x00")
        require(payload.endswith(b"\x80"), "payload", 15)
        return payload[:-1]


def padded(raw, padding=None):
    """With the least padding, or with another."""
    return raw + (b"\x80".ljust(16 - len(raw) % 16, b"\x00") if padding is None else padding)


def read_record(raw):
    """Steps 7 to 9. The payload of the record still has its padding."""
    require(len(raw) >= 20, "payload", 15)
    require(raw[:5] == SCHEMA, "schema_mismatch", 8)
    require(len(raw) % 16 == 0, "payload", 15)
    started, flags = int.from_bytes(raw[16:20], "big"), raw[20]
    require(flags < 64 and not (flags & AUTH_TIME and not flags & AUTHENTICATED), "payload", 15)
    w, rest = read_varint(raw[21:])
    d, rest = read_varint(rest)
    i, rest = read_varint(rest) if flags & IDLE else (0, rest)
    a, rest = read_varint(rest) if flags & AUTH_TIME else (0, rest)
    require(i <= w and a <= w, "payload", 15)

    def part(flag, size):
        nonlocal rest
        if not flags & flag:
            return None
        require(len(rest) >= size, "payload", 15)
        taken, rest = rest[:size], rest[size:]
        return taken

    entry, device_key = part(ENTRY, 4), part(BOUND, 33)
    return Record(
        schema=raw[:5],
        id=raw[5:16],
        started=started,
        written=started + w,
        deadline=started + d,
        idle_start=started + w - i,
        authenticated_at=started + a if flags & AUTHENTICATED else None,
        remembered=bool(flags & REMEMBERED),
        entry=entry,
        device_key=device_key,
        padding=b"",
        payload=rest,
    )


# §7 The payload of the vectors, in postcard: struct Visitor { user: Option<u64>, name: String, roles: Vec<String> }


def postcard_string(raw):
    return varint(len(raw)) + raw


def visitor(user, name, roles):
    option = b"\x00" if user is None else b"\x01" + varint(user)
    items = b"".join(postcard_string(role.encode()) for role in roles)
    return option + postcard_string(name.encode()) + varint(len(roles)) + items


class Postcard:
    """A reader with postcard's own varints: at most ten bytes for 64 bits, and not necessarily the shortest form."""

    def __init__(self, raw):
        self.rest = raw

    def take(self, n):
        require(n <= len(self.rest), "payload")
        taken, self.rest = self.rest[:n], self.rest[n:]
        return taken

    def u64(self):
        x = 0
        for i in range(10):
            (byte,) = self.take(1)
            x |= (byte & 0x7F) << 7 * i
            if byte < 0x80:
                require(x < 1 << 64, "payload")
                return x
        raise Rejection("payload")

    def text(self):
        try:
            return self.take(self.u64()).decode("utf-8")
        except UnicodeDecodeError:
            raise Rejection("payload") from None


def read_visitor(raw):
    reader = Postcard(raw)
    (some,) = reader.take(1)
    require(some <= 1, "payload")
    user = reader.u64() if some else None
    name = reader.text()
    roles, count = [], reader.u64()
    while len(roles) < count:
        roles.append(reader.text())
    require(not reader.rest, "payload")
    return user, name, roles


# §9 Last-seen cookie

LAST_SEEN_NONCE = b"sealed-session/last-seen"


def last_seen_code(key, context, version, key_id, tag, renewed):
    """The first 16 bytes of the MAC, under the first 32 bytes of the key stream."""
    subkey = key.algorithm.seal(key.raw, LAST_SEEN_NONCE, bytes(32), b"")[:32]
    return key.algorithm.mac(subkey, replace(context, kind=LAST_SEEN).associated(version, key_id) + tag + renewed)[:16]


def last_seen_value(key, context, tag, renewed, version=None, key_id=None):
    version, key_id, renewed = version or 16 + key.algorithm.a, key_id or key.id, u32(renewed)
    code = last_seen_code(key, context, version, key_id, tag, renewed)
    return bytes([version]) + key_id + renewed + code


def read_last_seen(ring, context, text, tag, now):
    """The moment that it holds for the session cookie of the tag; None if it is as if it were not there."""
    try:
        raw = read_base64url(text)
    except Rejection:
        return None
    if len(raw) != 25:
        return None
    version, key_id, renewed, code = raw[0], raw[1:5], raw[5:9], raw[9:]
    key = next((key for key in ring if key.id == key_id), None)
    if key is None or version != 16 + key.algorithm.a:
        return None
    if not hmac.compare_digest(code, last_seen_code(key, context, version, key_id, tag, renewed)):
        return None
    moment = int.from_bytes(renewed, "big")
    return moment if moment <= now + 60 else None


# §10 Tombstones


def tombstone_of(name, raw):
    """The name of the cookie, in bytes as `name` is, for the family of an id or a whole id."""
    return name + b".out." + raw.hex().encode()


# §12 Revocations

REVOCATION = 5


@dataclass(frozen=True)
class Revocation:
    """An entry. `before` and `subject` are there, or `family` is."""

    until: int
    family: bytes = None
    before: int = None
    subject: bytes = None

    @property
    def raw(self):
        if self.family:
            return b"\x01" + u32(self.until) + self.family
        return b"\x02" + u32(self.until) + u32(self.before) + self.subject

    def ends(self, record, user):
        if self.family:
            return record.id[:8] == self.family
        seals_it = record.entry is not None and int.from_bytes(record.entry, "big") >= self.before
        return user is not None and subject_of(user) == self.subject and record.started <= self.before and not seals_it


def subject_of(user):
    """How the vectors' application names a person: eight bytes, of which the hash is cut to 16."""
    return sha256(struct.pack(">Q", user)).digest()[:16]


def open_revocation(ring, context, token):
    plaintext = open_token(ring, replace(context, kind=REVOCATION), token)
    until = int.from_bytes(plaintext[1:5], "big")
    match plaintext[:1], len(plaintext):
        case b"\x01", 13:
            return Revocation(until, family=plaintext[5:])
        case b"\x02", 25:
            return Revocation(until, before=int.from_bytes(plaintext[5:9], "big"), subject=plaintext[9:])
    raise Rejection("malformed")


def read_entries(ring, context, lines, now):
    """The entries in these lines that have not ended; what is none is as if it were not there."""
    entries = []
    for line in lines:
        try:
            entries.append(open_revocation(ring, context, line.encode()))
        except Rejection:
            pass
    return [entry for entry in entries if now < entry.until]


# §11 Application tokens

NEVER = 0xFFFFFFFF


def open_application(ring, context, token, now):
    plaintext = open_token(ring, context, token)
    require(len(plaintext) >= 4, "malformed")
    expiry = int.from_bytes(plaintext[:4], "big")
    require(expiry == NEVER or now < expiry, "expired")
    return plaintext[4:]


# §11.1 Tokens for forms


def open_form(ring, context, token, now, session_id):
    plaintext = open_token(ring, context, token)
    require(len(plaintext) == 12, "malformed")
    require(now < int.from_bytes(plaintext[:4], "big"), "expired")
    require(plaintext[4:] == session_id[:8], "other_session")
