"""Reads sessions, application tokens, keys and rings, as FORMAT.md says, and compares each vector with what it expects.

Made from FORMAT.md and the README of this folder alone: it shares no line with the writer beside it, nor with the
library. `python reader.py` reads all of `cases`; the exit code is 1 if one came out other than its file says.
"""

import base64
import hashlib
import re
import struct
import sys
from datetime import datetime, timezone
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

SESSION, LAST_SEEN, APPLICATION, FORM, REVOCATION = 1, 2, 3, 4, 5
ALGORITHMS = {"xaes": 1, "xchacha": 2}
WHITE = b" \t\n\r\x0c"
VISITOR = "{user:?u64,name:str,roles:[str]}"


class Rejected(Exception):
    """Why something did not open; its first argument is a word of FORMAT.md."""

    @property
    def label(self):
        return self.args[0]


def require(condition, label):
    if not condition:
        raise Rejected(label)


# The two algorithms (§2): both end in a common AEAD under a key and a nonce derived from theirs.


def xaes(key, nonce):
    """C2SP XAES-256-GCM: CMAC of two fixed blocks, of which only the first subkey is ever needed."""
    block = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    doubled = int.from_bytes(block.update(bytes(16)), "big") << 1
    if doubled >> 128:
        doubled ^= 1 << 128 | 0x87
    subkey = doubled.to_bytes(16, "big")
    halves = (bytes([0, counter, 0x58, 0]) + nonce[:12] for counter in (1, 2))
    derived = b"".join(block.update(bytes(x ^ y for x, y in zip(half, subkey))) for half in halves)
    return AESGCM(derived), nonce[12:]


def xchacha(key, nonce):
    """draft-irtf-cfrg-xchacha-03 §2.2 and §2.3: HChaCha20, then RFC 8439 under the last eight bytes."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce[:16]))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for start in range(4):
            quarter(start, 4 + (start + 1) % 4, 8 + (start + 2) % 4, 12 + (start + 3) % 4)
    derived = struct.pack("<8I", *state[:4], *state[12:])
    return ChaCha20Poly1305(derived), bytes(4) + nonce[16:]


# The two codes (§9), from the primitives beneath them.


def cmac(key, message):
    """NIST SP 800-38B §6.2, with AES-256."""
    block = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()

    def double(raw):
        value = int.from_bytes(raw, "big") << 1
        return (value & (1 << 128) - 1 ^ (0x87 if value >> 128 else 0)).to_bytes(16, "big")

    subkey = double(block.update(bytes(16)))
    blocks = [message[at : at + 16] for at in range(0, len(message), 16)] or [b""]
    if len(blocks[-1]) < 16:
        subkey = double(subkey)
        blocks[-1] = (blocks[-1] + b"\x80").ljust(16, b"\0")
    blocks[-1] = bytes(x ^ y for x, y in zip(blocks[-1], subkey))
    state = bytes(16)
    for part in blocks:
        state = block.update(bytes(x ^ y for x, y in zip(state, part)))
    return state


def hmac(key, message):
    """RFC 2104 §2, with SHA-256."""
    inner, outer = (bytes(byte ^ pad for byte in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    return hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).digest()


class Key:
    """32 bytes bound to one algorithm."""

    def __init__(self, algorithm, raw):
        self.algorithm = algorithm
        self.raw = raw
        self.id = self._aead(b"sealed-session/key-id/v1", "encrypt", bytes(4), b"")[:4]

    def open(self, nonce, sealed, associated):
        try:
            return self._aead(nonce, "decrypt", sealed, associated)
        except InvalidTag:
            raise Rejected("forged") from None

    def code(self, message):
        """§9: the whole MAC of a last-seen cookie."""
        subkey = self._aead(b"sealed-session/last-seen", "encrypt", bytes(32), b"")[:32]
        return (cmac if self.algorithm == 1 else hmac)(subkey, message)

    def text(self):
        word = next(word for word, number in ALGORITHMS.items() if number == self.algorithm)
        return f"sealed1_{word}_{self.raw.hex()}{self.id.hex()}"

    def _aead(self, nonce, what, raw, associated):
        aead, inner = (xaes if self.algorithm == 1 else xchacha)(self.raw, nonce)
        return getattr(aead, what)(inner, raw, associated)


def read_key(text, weak_allowed=False):
    """§2.2: a key text, its checks in their order."""
    text = text.strip(WHITE)
    require(text.startswith(b"sealed1_"), "malformed")
    word, underscore, digits = text.removeprefix(b"sealed1_").partition(b"_")
    require(underscore, "malformed")
    algorithm = ALGORITHMS.get(word.decode("latin-1"))
    require(algorithm, "unknown_algorithm")
    require(re.fullmatch(rb"[0-9a-f]{72}", digits), "malformed")
    raw = bytes.fromhex(digits.decode())
    key = Key(algorithm, raw[:32])
    require(key.id == raw[32:], "checksum")
    steps = {(after - before) % 256 for before, after in zip(key.raw, key.raw[1:])}
    require(weak_allowed or steps not in ({0}, {1}, {255}), "weak")
    return key


class Ring:
    """§3: the entries of a ring text, in their order, each with the seconds of its words."""

    WORDS = (b"seals-from", b"opens-until")

    def __init__(self, text, now, weak_allowed=False):
        require(len(text) <= 65536, "too_long")
        require(not text.startswith("\ufeff".encode()), "byte_order_mark")
        require(b"\0" not in text, "nul")
        self.entries = []
        for line in text.split(b"\n"):
            for entry in line.split(b"#", 1)[0].split(b","):
                if entry.strip(WHITE):
                    self._add(entry.strip(WHITE), weak_allowed)
        require(self.entries, "empty")
        require(len({key.id for key, _ in self.entries}) == len(self.entries), "repeated")
        self.is_dated = any(words for _, words in self.entries)
        self.in_order = self.entries
        if self.is_dated:
            self._check_dates(now)

    def _add(self, entry, weak_allowed):
        require(len(self.entries) < 64, "too_many")
        key, *rest = re.split(b"[ \t\n\r\x0c]+", entry)
        key, words = read_key(key, weak_allowed), {}
        for word in rest:
            name, equals, time = word.partition(b"=")
            require(equals and name in self.WORDS, "unknown_word")
            seconds = read_time(time)
            require(name not in words, "repeated_word")
            words[name] = seconds
        self.entries.append((key, words))

    def _check_dates(self, now):
        seals, until = self.WORDS
        require(all(seals in words for _, words in self.entries), "missing_seals_from")
        require(all(words.get(until, 1 << 64) > words[seals] for _, words in self.entries), "ends_before_it_seals")
        self.in_order = sorted(self.entries, key=lambda entry: entry[1][seals])
        starts = [words[seals] for _, words in self.in_order]
        require(len(set(starts)) == len(starts), "same_time")
        for (_, words), following in zip(self.in_order, starts[1:] + [1 << 63]):
            require(words.get(until, 1 << 64) > following, "ends_while_sealing")
        require(starts[0] <= now + 60, "not_yet")

    def sealing(self, now):
        """§3.2: the key that seals; where none does yet, the earliest."""
        if not self.is_dated:
            return self.entries[0][0]
        begun = [key for key, words in self.in_order if words[self.WORDS[0]] <= now]
        return (begun or [self.in_order[0][0]])[-1]

    def opening(self, now):
        """§3.2: the keys that open."""
        return [key for key, words in self.in_order if now < words.get(self.WORDS[1], 1 << 64)]


def read_time(text):
    """§3.1: the seconds of a time."""
    form = re.fullmatch(rb"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", text)
    require(form, "time")
    try:
        moment = datetime(*map(int, form.groups()), tzinfo=timezone.utc)
    except ValueError:
        raise Rejected("time") from None
    seconds = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    require(seconds.days >= 0, "time")
    return seconds.days * 86400 + seconds.seconds


def from_base64url(text):
    """§1: the bytes of a canonical text; whatever else there is, is malformed."""
    require(re.fullmatch(rb"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, "malformed")
    raw = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    require(base64.urlsafe_b64encode(raw).rstrip(b"=") == text, "malformed")
    return raw


def open_token(keys, kind, name, purpose, text):
    """§6.2 from step 2: the plaintext, and the tag by which a last-seen cookie names its session."""
    envelope = from_base64url(text)
    require(len(envelope) >= 45, "malformed")
    version, key_id, nonce, sealed = envelope[0], envelope[1:5], envelope[5:29], envelope[29:]
    require(version >> 4 == 1 and version & 15 in ALGORITHMS.values(), "malformed")
    key = next((key for key in keys if key.id == key_id), None)
    require(key, "unknown_key")
    require(key.algorithm == version & 15, "malformed")
    associated = envelope[:5] + bytes([kind, len(name)]) + name + bytes([len(purpose)]) + purpose
    return key.open(nonce, sealed, associated), sealed[-16:]


class ByteReader:
    """What is left of a string of bytes that is read from its front."""

    def __init__(self, raw):
        self.rest = raw

    def take(self, count):
        require(len(self.rest) >= count, "payload")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def varint(self, most, bits, shortest):
        """LEB128 of at most `most` bytes, the value of at most `bits`."""
        value = 0
        for place in range(most):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                require(not shortest or byte or place == 0, "payload")
                require(value >> bits == 0, "payload")
                return value
        raise Rejected("payload")


class Record:
    """§7: what a session's plaintext says before the payload, which is not yet looked at."""

    def __init__(self, plaintext, tag):
        self.tag = tag
        require(len(plaintext) >= 20, "payload")
        raw = ByteReader(plaintext)
        self.schema = raw.take(5)
        require(self.schema == schema(VISITOR), "schema_mismatch")
        require(len(plaintext) % 16 == 0, "payload")
        self.id, self.started = raw.take(11), int.from_bytes(raw.take(4), "big")
        flags = raw.take(1)[0]
        proved, self.remembered, early, again, entry, self.bound = (flags >> bit & 1 for bit in range(6))
        require(not flags >> 6 and proved >= again, "payload")
        w, d = (raw.varint(5, 35, shortest=True) for _ in range(2))
        i = raw.varint(5, 35, shortest=True) if early else 0
        a = raw.varint(5, 35, shortest=True) if again else 0
        require(w >= i and w >= a, "payload")
        self.entry = int.from_bytes(raw.take(4), "big") if entry else -1
        raw.take(33 * self.bound)
        self.written, self.deadline = self.started + w, self.started + d
        self.idle_start = self.written - i
        self.authenticated_at = str(self.started + a) if proved else ""
        self.payload = raw.rest

    def visitor(self):
        """The payload, if it is a Visitor in postcard with no byte too many, and padding; and its user."""
        mark = self.payload.rstrip(b"\0")[-1:]
        require(mark == b"\x80", "payload")
        payload = self.payload.rstrip(b"\0")[:-1]
        raw = ByteReader(payload)
        tag = raw.take(1)
        require(tag in (b"\0", b"\1"), "payload")
        user = raw.varint(10, 64, shortest=False) if tag == b"\1" else None
        self._text(raw)
        for _ in range(raw.varint(10, 64, shortest=False)):
            self._text(raw)
        require(not raw.rest, "payload")
        return payload, user

    @staticmethod
    def _text(raw):
        try:
            raw.take(raw.varint(10, 64, shortest=False)).decode()
        except UnicodeDecodeError:
            raise Rejected("payload") from None


# §6.1: in the order of the steps; malformed counts as step 2 and payload as step 15.
ORDER = ["absent", "too_long", "malformed", "unknown_key", "forged", "schema_mismatch", "from_the_future", "idle"]
ORDER += ["absolute", "ended", "unbound", "payload", "refused", "revoked"]


class Request:
    """§6: the cookies of one request, read under one configuration."""

    def __init__(self, headers, offered):
        self.keys = [read_key(text.encode(), weak_allowed=True) for text in headers["keys"].split()]
        self.name, self.purpose = headers["name"].encode(), headers["purpose"].encode()
        self.now = int(headers["now"])
        self.idle = int(headers.get("idle", 86400))
        self.absolute = int(headers.get("absolute", 604800))
        self.max_lifetime = int(headers.get("max-lifetime", self.absolute))
        self.not_before = int(headers.get("not-before", 0))
        self.channel = headers.get("revocations", "").split()
        self.pairs = []
        for pair in offered.split(b";"):
            name, equals, value = pair.partition(b"=")
            if equals:
                self.pairs.append((name.strip(b" \t"), value.strip(b" \t")))

    def values(self, name):
        """§6.1: the first four that differ."""
        found = []
        for other, value in self.pairs:
            if other == name and value not in found:
                found.append(value)
        return found[:4]

    def session(self):
        """The record of the session and its payload."""
        rejections, passed = [Rejected("absent")], []
        for value in self.values(self.name):
            try:
                passed.append(self._candidate(value))
            except Rejected as rejected:
                rejections.append(rejected)
        for record in sorted(passed, key=lambda record: -record.written):  # stable: of equals the earlier
            try:
                return record, self._accept(record)
            except Rejected as rejected:
                rejections.append(rejected)
        raise max(rejections, key=lambda rejected: ORDER.index(rejected.label))

    def _candidate(self, value):
        """Steps 1 to 14."""
        require(len(self.name) + 1 + len(value) <= 4093, "too_long")
        record = Record(*open_token(self.keys, SESSION, self.name, self.purpose, value))
        require(record.written <= self.now + 60, "from_the_future")
        if self.idle and not record.remembered:
            require(self.now < self._since(record) + self.idle, "idle")
        limit = self.max_lifetime if record.remembered else self.absolute
        require(self.now < record.deadline and self.now < record.started + limit, "absolute")
        for named in (record.id[:8], record.id):
            require(not self.values(self.name + b".out." + named.hex().encode()), "ended")
        require(not record.bound, "unbound")
        return record

    def _since(self, record):
        """§9: where the idle clock began."""
        if record.idle_start + max(self.idle // 10, 1) <= self.now:
            moments = (self._renewed(record, value) for value in self.values(self.name + b".seen"))
            return max([record.idle_start, *(moment for moment in moments if moment is not None)])
        return record.idle_start

    def _renewed(self, record, value):
        """§9: the moment of a last-seen cookie that belongs to the record's cookie."""
        try:
            raw = ByteReader(from_base64url(value))
            version, key_id, moment, code = (raw.take(count) for count in (1, 4, 4, 16))
        except Rejected:
            return None
        key = next((key for key in self.keys if key.id == key_id), None)
        if raw.rest or key is None or version != bytes([16 + key.algorithm]):
            return None
        context = bytes([LAST_SEEN, len(self.name)]) + self.name + bytes([len(self.purpose)]) + self.purpose
        expected = key.code(version + key_id + context + record.tag + moment)
        renewed = int.from_bytes(moment, "big")
        return renewed if code == expected[:16] and renewed <= self.now + 60 else None

    def _accept(self, record):
        """Steps 15 and 16."""
        payload, user = record.visitor()
        require(record.started >= self.not_before, "revoked")
        for line in self.channel:
            require(not self._ends(line.encode(), record, user), "revoked")
        return payload

    def _ends(self, line, record, user):
        """§12: whether this line is an entry that ends the session."""
        try:
            entry = revocation(self.keys, self.name, self.purpose, line)
        except Rejected:
            return False
        if self.now >= int(entry["until"]):
            return False
        if "family" in entry:
            return record.id.hex().startswith(entry["family"])
        if user is None or hashlib.sha256(user.to_bytes(8, "big")).hexdigest()[:32] != entry["subject"]:
            return False
        return record.started <= int(entry["before"]) and record.entry < int(entry["before"])


def schema(text, of="schema"):
    """§8: the five bytes of a description, or of a pinned text."""
    return hashlib.sha256(f"sealed-session/{of}/v2:{text}".encode()).digest()[:5]


def application_token(headers, offered):
    """§11: the message."""
    require(len(offered) <= 4096, "too_long")
    keys = [read_key(text.encode(), weak_allowed=True) for text in headers["keys"].split()]
    name, purpose = headers["name"].encode(), headers["purpose"].encode()
    plaintext, _ = open_token(keys, APPLICATION, name, purpose, offered)
    require(len(plaintext) >= 4, "malformed")
    expiry = int.from_bytes(plaintext[:4], "big")
    require(expiry == 0xFFFFFFFF or int(headers["now"]) < expiry, "expired")
    return plaintext[4:]


def revocation(keys, name, purpose, line):
    """§12: what an entry says."""
    require(len(line) <= 4096, "too_long")
    plaintext, _ = open_token(keys, REVOCATION, name, purpose, line)
    kind, until, rest = plaintext[:1], str(int.from_bytes(plaintext[1:5], "big")), plaintext[5:]
    if kind == b"\1" and len(rest) == 8:
        return {"until": until, "family": rest.hex()}
    require(kind == b"\2" and len(rest) == 20, "malformed")
    return {"until": until, "before": str(int.from_bytes(rest[:4], "big")), "subject": rest[4:].hex()}


def form_token(headers, offered):
    """§11.1: whether it was made for the session of this request."""
    record, _ = Request(headers, headers["session"].encode()).session()
    require(len(offered) <= 4096, "too_long")
    keys = [read_key(text.encode(), weak_allowed=True) for text in headers["keys"].split()]
    name, purpose = headers["name"].encode(), headers["purpose"].encode()
    plaintext, _ = open_token(keys, FORM, name, purpose, offered)
    require(len(plaintext) == 4 + 8, "malformed")
    require(int(headers["now"]) < int.from_bytes(plaintext[:4], "big"), "expired")
    require(record.id.startswith(plaintext[4:]), "other_session")


def read(headers, offered):
    """What a case comes to, in the words of its file: `expect`, and what is found in what is `ok`."""
    weak_allowed = headers.get("weak") == "allowed"
    try:
        match headers["kind"]:
            case "session":
                record, payload = Request(headers, offered).session()
                found = {
                    "id": record.id.hex(),
                    "started": str(record.started),
                    "written": str(record.written),
                    "deadline": str(record.deadline),
                    "idle-start": str(record.idle_start),
                    "authenticated-at": record.authenticated_at,
                    "remembered": "true" if record.remembered else "false",
                    "payload-hex": payload.hex(),
                }
            case "token":
                found = {"payload-hex": application_token(headers, offered).hex()}
            case "form":
                form_token(headers, offered)
                found = {}
            case "revocation":
                keys = [read_key(text.encode(), weak_allowed=True) for text in headers["keys"].split()]
                found = revocation(keys, headers["name"].encode(), headers["purpose"].encode(), offered)
            case "key":
                found = {"keys": read_key(offered, weak_allowed).text()}
            case "ring":
                now = int(headers.get("now", 0))
                ring = Ring(offered, now, weak_allowed)
                found = {"keys": " ".join(key.text() for key, _ in ring.in_order)}
                if ring.is_dated:
                    found["seals"] = ring.sealing(now).text()
                    found["opens"] = " ".join(key.text() for key in ring.opening(now))
    except Rejected as rejected:
        return {"expect": rejected.label}
    return {"expect": "ok"} | found


def case_of(file):
    """The headers of a case and the bytes that it offers."""
    head, _, offered = file.read_bytes().partition(b"\n\n")
    lines = (line.partition(":") for line in head.decode().split("\n"))
    return {key: value.strip(" ") for key, _, value in lines}, offered


OUTCOME = ("expect", "id", "started", "written", "deadline", "idle-start", "authenticated-at", "remembered", "payload-hex", "seals", "opens")
OUTCOME += ("until", "family", "before", "subject")


def main():
    folder = Path(__file__).parent
    files = sorted((folder / "cases").glob("*.txt"))
    wrong = 0
    for file in files:
        headers, offered = case_of(file)
        keys = OUTCOME + (("keys",) if headers["kind"] in ("key", "ring") else ())
        expected = {key: headers[key] for key in keys if key in headers}
        found = read(headers, offered)
        if found != expected:
            wrong += 1
            print(f"{file.name}: expected {expected}, found {found}", file=sys.stderr)
    schemas = 0
    for line in (folder / "schemas.tsv").read_text().splitlines():
        if not line.startswith("#"):
            schemas += 1
            what, text, written = line.split("\t")
            if schema(text, "pinned" if what.startswith("pinned") else "schema").hex() != written:
                wrong += 1
                print(f"schemas.tsv: {what} is not {written}", file=sys.stderr)
    print(f"{len(files)} vectors and {schemas} schemas read, {wrong} came out other than expected")
    sys.exit(1 if wrong or not files or not schemas else 0)


if __name__ == "__main__":
    main()
