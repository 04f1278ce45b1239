"""Writes the test vectors of the sealed-session format: one file a case, see README.md.

    python write.py [FOLDER]         write every case into FOLDER (default: cases, beside this script)
    python write.py --intermediate   print the intermediate values of two sessions (FORMAT.md §17)
    python write.py --check          compare cases and intermediate.md with what is committed; 1 if they differ

Without FOLDER, intermediate.md is written as well. Nothing here is drawn at random, so the same files come out every
time. Each expectation is written down by hand, and a case is written only if sealed_session.py comes to the same.
"""

import difflib
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hashlib import sha256
from itertools import count
from pathlib import Path

from sealed_session import (
    APPLICATION,
    FORM,
    LAST_SEEN,
    NEVER,
    REVOCATION,
    SESSION,
    SCHEMA,
    XAES,
    XCHACHA,
    Context,
    Key,
    Record,
    Rejection,
    Revocation,
    Settings,
    base64url,
    hchacha20,
    last_seen_value,
    load,
    tombstone_of,
    open_application,
    open_form,
    open_revocation,
    padded,
    read_key,
    read_ring,
    seal,
    subject_of,
    u32,
    varint,
    visitor,
    xaes_derive,
)
from schema import PINNED, fingerprint

HERE = Path(__file__).parent

# Keys: every one of a form that readers refuse (§2.2).
EQUAL = Key(XAES, b"\x42" * 32)
UP = Key(XCHACHA, bytes(range(32)))
DOWN = Key(XAES, bytes(range(255, 223, -1)))
ABSENT = Key(XAES, b"\x43" * 32)  # never in a ring
EQUAL_XCHACHA = Key(XCHACHA, EQUAL.raw)

MINUTE, HOUR, DAY = 60, 3600, 86400
NAME = "__Host-session"
LABEL = "oauth-state"
START = 1_790_000_000
NOW = START + MINUTE

FIELDS = "user:?u64,name:str,roles:[str]"
PAYLOAD = visitor(42, "Ada", ["admin", "author"])
BASE = Record(
    id=bytes(range(0xA0, 0xAB)),
    started=START,
    written=START,
    deadline=START + 7 * DAY,
    authenticated_at=START,
    payload=PAYLOAD,
)
OTHER_ID = bytes(range(0xB0, 0xBB))
REMEMBERED = replace(BASE, remembered=True, deadline=START + 30 * DAY)


# What is offered


def envelope(plaintext, key=EQUAL, kind=SESSION, name=NAME, purpose="", version=None, key_id=None):
    """Sealed under a nonce that follows from the message. That is for vectors alone: see §5, step 2."""
    context = Context(kind, name, purpose)
    associated = context.associated(version or 16 + key.algorithm.a, key_id or key.id)
    nonce = sha256(b"nonce of a test vector" + associated + plaintext).digest()[:24]
    return seal(key, context, nonce, plaintext, version, key_id)


def token(plaintext, **how):
    return base64url(envelope(plaintext, **how))


def cookie(record, **how):
    """`name=value` of a record, or of bytes in place of one."""
    plaintext = record.raw if isinstance(record, Record) else record
    return f"{how.get('name', NAME)}={token(plaintext, **how)}"


def raw(raw, name=NAME):
    return f"{name}={base64url(raw)}"


def renewal(record, renewed, key=EQUAL, purpose="", name=NAME, **how):
    """The bytes of the last-seen cookie of a record's cookie. `name` is that of the session's cookie, in the context."""
    tag = envelope(record.raw, key=key, purpose=purpose)[-16:]
    return last_seen_value(key, Context(LAST_SEEN, name, purpose), tag, renewed, **how)


def last_seen(record, renewed, **how):
    return raw(renewal(record, renewed, **how), f"{NAME}.seen")


def tombstone(session_id, value=str(START), name=NAME, length=8):
    """The tombstone of the family of an id, or of all its eleven bytes."""
    return f"{tombstone_of(name.encode(), session_id[:length]).decode()}={value}"


def flipped(raw, i):
    raw = bytearray(raw)
    raw[i] ^= 1
    return bytes(raw)


def record_with(flags=BASE.flags, w=BASE.w, d=BASE.d, more=b""):
    """The bytes of the record of most cases, with other bytes in its header, and more of them after `d`."""
    return padded(SCHEMA + BASE.id + u32(START) + bytes([flags]) + w + d + more + PAYLOAD)


# Cases


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    verify: object  # what sealed_session.py makes of it, called with no argument: a word or facts

    @property
    def file(self):
        return f"{self.name}.txt"


def case(name, comment, kind, headers, expect, facts, offered, verify):
    lines = {"comment": comment, "kind": kind, **headers, "expect": expect, **facts}
    head = "".join(f"{key}: {value}".rstrip() + "\n" for key, value in lines.items())
    made = Case(name, head + "\n" + offered, verify)
    try:
        outcome = "ok", verify(offered.encode())
    except Rejection as rejection:
        outcome = rejection.word, {}
    assert outcome == (expect, facts), f"{name}: written down {expect} {facts}, but got {outcome}"
    return made


def texts(keys):
    return " ".join(key.text for key in keys)


def facts_of(record):
    return {
        "id": record.id.hex(),
        "started": str(record.started),
        "written": str(record.written),
        "deadline": str(record.deadline),
        "idle-start": str(record.written if record.idle_start is None else record.idle_start),
        "authenticated-at": "" if record.authenticated_at is None else str(record.authenticated_at),
        "remembered": str(record.remembered).lower(),
        "payload-hex": record.unpadded.hex(),
    }


def session(name, comment, offered, expect, keys=(EQUAL,), cookie_name=NAME, purpose="", now=NOW, **settings):
    """`expect` is the record which is found, or the word of the rejection."""
    headers = {"keys": texts(keys), "name": cookie_name, "purpose": purpose, "now": str(now)}
    headers |= {key.replace("_", "-"): written(value) for key, value in settings.items()}
    context = Context(SESSION, cookie_name, purpose)

    def verify(offered):
        return facts_of(load(keys, context, offered, now, Settings(**settings)))

    word, facts = ("ok", facts_of(expect)) if isinstance(expect, Record) else (expect, {})
    return case(name, comment, "session", headers, word, facts, offered, verify)


def written(value):
    return " ".join(value) if isinstance(value, tuple) else str(value)


def application(name, comment, offered, expect, keys=(EQUAL,), label=LABEL, purpose="", now=NOW):
    """`expect` is the message which is found, or the word of the rejection."""
    headers = {"keys": texts(keys), "name": label, "purpose": purpose, "now": str(now)}

    def verify(offered):
        return {"payload-hex": open_application(keys, Context(APPLICATION, label, purpose), offered, now).hex()}

    word, facts = ("ok", {"payload-hex": expect.hex()}) if isinstance(expect, bytes) else (expect, {})
    return case(name, comment, "token", headers, word, facts, offered, verify)


def form(name, comment, offered, expect="ok", record=BASE, keys=(EQUAL,), purpose="", now=NOW):
    """`expect` is `ok` or the word of the rejection; `record` is that of the session at hand."""
    headers = {"keys": texts(keys), "name": NAME, "purpose": purpose, "now": str(now)}
    headers["session"] = cookie(record, purpose=purpose, key=keys[0])

    def verify(offered):
        open_form(keys, Context(FORM, NAME, purpose), offered, now, record.id)
        return {}

    return case(name, comment, "form", headers, expect, {}, offered, verify)


def revocation(name, comment, offered, expect, keys=(EQUAL,), purpose=""):
    """`expect` is the entry which is found, or the word of the rejection."""
    headers = {"keys": texts(keys), "name": NAME, "purpose": purpose}

    def facts_of(entry):
        if entry.family:
            return {"until": str(entry.until), "family": entry.family.hex()}
        return {"until": str(entry.until), "before": str(entry.before), "subject": entry.subject.hex()}

    def verify(offered):
        return facts_of(open_revocation(keys, Context(REVOCATION, NAME, purpose), offered))

    word, facts = (expect, {}) if isinstance(expect, str) else ("ok", facts_of(expect))
    return case(name, comment, "revocation", headers, word, facts, offered, verify)


def keys_case(kind, read, name, comment, offered, expect):
    """`expect` is the keys which are found, or a word. Weak keys are let in, except where `weak` is expected."""
    headers = {} if expect == "weak" else {"weak": "allowed"}
    word, facts = (expect, {}) if isinstance(expect, str) else ("ok", {"keys": texts(expect)})

    def verify(offered):
        return {"keys": texts(read(offered, weak_allowed=expect != "weak"))}

    return case(name, comment, kind, headers, word, facts, offered, verify)


def key(*arguments):
    return keys_case("key", lambda *text, **how: [read_key(*text, **how)], *arguments)


def ring(*arguments):
    return keys_case("ring", lambda *text, **how: [entry.key for entry in read_ring(*text, **how).entries], *arguments)


def dated(name, comment, offered, expect, now=NOW):
    """`expect` is the keys in the order in which they seal, the one that seals now, and those that open; or a word."""
    headers = {"weak": "allowed", "now": str(now)}

    def facts_of(keys, seals, opens):
        return {"keys": texts(keys), "seals": seals.text, "opens": texts(opens)}

    def verify(offered):
        found = read_ring(offered, now, weak_allowed=True)
        keys_of = [[entry.key for entry in entries] for entries in (found.entries, found.opens(now))]
        return facts_of(keys_of[0], found.seals(now).key, keys_of[1])

    word, facts = (expect, {}) if isinstance(expect, str) else ("ok", facts_of(*expect))
    return case(name, comment, "ring", headers, word, facts, offered, verify)


def time_of(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def entry_of(key, seals_from, opens_until=None):
    end = "" if opens_until is None else f"  opens-until={time_of(opens_until)}"
    return f"{key.text}  seals-from={time_of(seals_from)}{end}\n"


def good():
    yield session("good_xaes", "A session sealed with XAES-256-GCM.", cookie(BASE), BASE)
    yield session("good_xchacha", "A session sealed with XChaCha20-Poly1305.", cookie(BASE, key=UP), BASE, keys=[UP])
    stranger = replace(BASE, authenticated_at=None, payload=visitor(None, "", []))
    yield session("good_not_authenticated", "The session of a stranger, who is nobody.", cookie(stranger), stranger)
    yield session(
        "good_second_key", "The second key of the ring opens it.", cookie(BASE, key=DOWN), BASE, keys=[EQUAL, DOWN]
    )
    yield session(
        "good_second_key_other_algorithm",
        "The second key of the ring, of another algorithm than the first, opens it.",
        cookie(BASE, key=UP),
        BASE,
        keys=[EQUAL, UP],
    )
    yield session(
        "good_same_bytes_both_algorithms",
        "Two keys of the same bytes differ in algorithm, and so in id: the second opens it.",
        cookie(BASE, key=EQUAL_XCHACHA),
        BASE,
        keys=[EQUAL, EQUAL_XCHACHA],
    )
    purpose = "büro"
    yield session(
        "good_purpose_not_ascii",
        "The length of a purpose counts bytes of UTF-8, not characters.",
        cookie(BASE, purpose=purpose),
        BASE,
        purpose=purpose,
    )


def tokens():
    good = cookie(replace(BASE, payload=visitor(42, "Augusta Ada King, Lady Lovelace", ["admin", "author"])))
    value = good.partition("=")[2]
    assert len(value) % 4 == 3, "two bits of the last character are unused"
    last = value[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    not_zero = alphabet[alphabet.index(last) + 1]
    yield session("token_padded", "base64url with its padding.", good + "=", "malformed")
    yield session(
        "token_not_canonical_trailing_bits",
        "The unused bits of the last character are not zero.",
        good[:-1] + not_zero,
        "malformed",
    )
    records = (replace(BASE, payload=visitor(user, "Ada", [])) for user in count())
    both = next(value for value in map(cookie, records) if set("-_") <= set(value.partition("=")[2]))
    standard = both.partition("=")[2].replace("-", "+").replace("_", "/")
    yield session("token_standard_alphabet", "+ and / in place of - and _.", f"{NAME}={standard}", "malformed")
    yield session("token_whitespace", "A space in the middle of the token.", good[:60] + " " + good[60:], "malformed")
    yield session("token_quoted", "The token in double quotes, which belong to it.", f'{NAME}="{value}"', "malformed")
    yield session("token_not_ascii", "A character that is not ASCII at the end.", good + "é", "malformed")
    yield session("token_empty", "A cookie with an empty value.", f"{NAME}=", "malformed")
    yield session("token_length_4k_plus_1", "No bytes have a base64 text of that length.", good + "AA", "malformed")
    short = raw(envelope(b"")[:-1])
    yield session("token_too_short_44_bytes", "An envelope of 44 bytes.", short, "malformed")

    longest = replace(BASE, payload=visitor(42, "x" * 2977, []))
    assert len(longest.raw) == 3008 and len(token(longest.raw)) == 4071
    names = "__Host-session-longer", "__Host-session-longest"
    assert [len(name) + 1 + 4071 for name in names] == [4093, 4094]
    of_name = cookie(longest, name=names[0])
    yield session(
        "token_longest", "name=value of 4093 bytes, the most that is accepted.", of_name, longest, cookie_name=names[0]
    )
    yield session(
        "token_longest_in_white_space",
        "White space around name and value does not count.",
        " " * 20 + of_name.replace("=", " = ", 1) + "\t",
        longest,
        cookie_name=names[0],
    )
    yield session(
        "token_too_long",
        "name=value of 4094 bytes, otherwise good.",
        cookie(longest, name=names[1]),
        "too_long",
        cookie_name=names[1],
    )


def envelopes():
    good = envelope(BASE.raw)
    yield session("version_0", "The high half of V is 0.", cookie(BASE, version=0x01), "malformed")
    yield session("version_2", "The high half of V is 2.", cookie(BASE, version=0x21), "malformed")
    yield session("algorithm_0", "The low half of V is 0.", cookie(BASE, version=0x10), "malformed")
    yield session("algorithm_unknown", "The low half of V is 3.", cookie(BASE, version=0x13), "malformed")
    yield session(
        "algorithm_unknown_and_key_unknown",
        "V is looked at before the key id.",
        cookie(BASE, key=ABSENT, version=0x13),
        "malformed",
    )
    yield session(
        "algorithm_not_of_the_key",
        "Sealed with the bytes of the key, but with the other algorithm.",
        cookie(BASE, key=EQUAL_XCHACHA, key_id=EQUAL.id),
        "malformed",
    )
    yield session(
        "algorithm_not_of_the_unknown_key",
        "V names the other algorithm and no key has the id.",
        cookie(BASE, key=UP),
        "unknown_key",
    )
    yield session("key_unknown", "Sealed with a key that is not in the ring.", cookie(BASE, key=ABSENT), "unknown_key")
    yield session("key_id_flipped", "A bit of the key id is another.", raw(flipped(good, 1)), "unknown_key")
    yield session(
        "key_id_of_another_key",
        "The key id was replaced by the one of the ring's second key.",
        raw(good[:1] + DOWN.id + good[5:]),
        "forged",
        [EQUAL, DOWN],
    )
    yield session(
        "key_not_of_the_key_id",
        "Sealed with the second key of the ring under the id of the first, which alone is tried.",
        cookie(BASE, key=DOWN, key_id=EQUAL.id),
        "forged",
        [EQUAL, DOWN],
    )
    other_id = seal(EQUAL, Context(SESSION, NAME), good[5:29], BASE.raw, key_id=DOWN.id)
    yield session(
        "key_id_not_authenticated",
        "Good but for A, which holds another key id.",
        raw(good[:5] + other_id[5:]),
        "forged",
    )
    yield session("nonce_flipped", "A bit of the nonce is another.", raw(flipped(good, 5)), "forged")
    yield session("ciphertext_flipped", "A bit of the ciphertext is another.", raw(flipped(good, 29)), "forged")
    yield session("tag_flipped", "A bit of the tag is another.", raw(flipped(good, -1)), "forged")
    yield session("tag_truncated", "The last byte of the tag is missing.", raw(good[:-1]), "forged")


def contexts():
    other = cookie(BASE, name="__Host-other").partition("=")[2]
    yield session("context_other_name", "The token of a cookie of another name.", f"{NAME}={other}", "forged")
    yield session("context_other_purpose", "Sealed for another purpose.", cookie(BASE, purpose="shop"), "forged")
    yield session(
        "context_length_moved",
        "Sealed for a longer name and a shorter purpose: only the lengths in A differ.",
        f"{NAME}={token(BASE.raw, name=NAME + 'a', purpose='b')}",
        "forged",
        purpose="ab",
    )
    yield session(
        "context_other_kind",
        "A record sealed as an application token of the cookie's name.",
        cookie(BASE, kind=APPLICATION),
        "forged",
    )
    yield session(
        "context_kind_last_seen", "A record sealed under the kind 0x02.", cookie(BASE, kind=LAST_SEEN), "forged"
    )


def headers():
    yield session("record_empty", "A plaintext of no bytes, in an envelope of 45.", cookie(b""), "payload")
    yield session("record_truncated", "The plaintext ends within started.", cookie(BASE.raw[:19]), "payload")
    yield session(
        "record_truncated_schema_other",
        "A plaintext of twenty bytes, with the schema of another type: nothing else of it is known.",
        cookie(flipped(SCHEMA, -1) + BASE.id + u32(START)),
        "schema_mismatch",
    )
    yield session(
        "record_of_19_bytes_schema_other",
        "A plaintext of nineteen bytes is none of a session, whatever its schema is.",
        cookie(flipped(SCHEMA, -1) + BASE.raw[5:19]),
        "payload",
    )
    yield session("record_header_truncated", "The record ends before the flags.", cookie(BASE.raw[:20]), "payload")
    header = BASE.header
    assert len(header) == 25
    short = SCHEMA + BASE.id + u32(START) + bytes([0x0D]) + b"\x80" * 11
    assert len(short) == 32
    yield session("record_header_truncated_in_varint", "The record ends within w.", cookie(short), "payload")
    yield session("record_without_payload", "No byte is between header and padding.", cookie(padded(header)), "payload")
    yield session("record_without_padding", "The record ends with the header and zero bytes.", cookie(header + bytes(7)), "payload")
    for length in (15, 17):
        yield session(
            f"record_length_16k_{'minus' if length == 15 else 'plus'}_1",
            "The length of the record is no multiple of 16.",
            cookie(BASE.raw + bytes(length)),
            "payload",
        )
    yield session("record_varint_not_shortest", "w is 1 in two bytes.", cookie(record_with(w=b"\x81\x00")), "payload")
    yield session(
        "record_varint_too_long",
        "d is a varint of six bytes, whose number would fit into 36 bits.",
        cookie(record_with(d=varint(1 << 35))),
        "payload",
    )
    far = replace(BASE, deadline=START + (1 << 28))
    assert len(far.d) == 5
    yield session("record_varint_five_bytes", "d takes five bytes, the most it may.", cookie(far), far)
    largest = replace(BASE, deadline=START + (1 << 35) - 1)
    yield session(
        "record_deadline_beyond_32_bits",
        "The largest d: its deadline does not fit into 32 bits, and what is configured is earlier.",
        cookie(largest),
        largest,
    )
    yield session(
        "record_written_beyond_32_bits",
        "The largest w: written does not fit into 32 bits, and is in the future.",
        cookie(record_with(w=varint((1 << 35) - 1))),
        "from_the_future",
    )
    yield session("record_flag_64", "A flag that has no meaning yet.", cookie(record_with(flags=0x41)), "payload")
    yield session("record_flag_128", "The other one.", cookie(record_with(flags=0x81)), "payload")
    later = replace(BASE, written=START + HOUR, idle_start=START + MINUTE)
    proved = replace(BASE, written=START + HOUR, authenticated_at=START + MINUTE)
    now = START + HOUR
    yield session("record_idle_start", "A poll wrote: the idle clock began before.", cookie(later), later, now=now)
    of_old = replace(BASE, written=START + HOUR, idle_start=START)
    yield session(
        "record_idle_start_at_started", "The idle clock began with the session.", cookie(of_old), of_old, now=now
    )
    yield session(
        "record_idle_start_before_started",
        "The idle clock would have begun before the session.",
        cookie(record_with(flags=0x05, w=varint(HOUR), more=varint(HOUR + 1))),
        "payload",
        now=now,
    )
    yield session(
        "record_idle_start_is_written",
        "The flag is set, and the idle clock began with written all the same.",
        cookie(record_with(flags=0x05, w=varint(HOUR), more=b"\x00")),
        replace(BASE, written=START + HOUR),
        now=now,
    )
    yield session("record_auth_time", "The person has proved again who they are.", cookie(proved), proved, now=now)
    yield session(
        "record_auth_time_after_written",
        "The person would have proved it after the record was sealed.",
        cookie(record_with(flags=0x09, w=varint(HOUR), more=varint(HOUR + 1))),
        "payload",
        now=now,
    )
    for name, flag in (("idle_start", 0x04), ("auth_time", 0x08)):
        yield session(
            f"record_{name}_not_shortest",
            "Its varint has a byte that says nothing.",
            cookie(record_with(flags=0x01 | flag, w=varint(HOUR), more=bytes([0x80 | MINUTE, 0]))),
            "payload",
            now=now,
        )
    yield session(
        "record_auth_time_not_authenticated",
        "When the person proved it, and not that they did.",
        cookie(record_with(flags=0x08, w=varint(HOUR), more=varint(MINUTE))),
        "payload",
        now=now,
    )
    entry = replace(BASE, entry=u32(START))
    yield session("record_entry", "A revocation entry, which is passed over.", cookie(entry), entry)
    bound = replace(BASE, device_key=b"\x02" + bytes(range(32)))
    yield session("record_bound", "Bound to a device, which nobody checks here.", cookie(bound), "unbound")
    everything = replace(
        BASE,
        written=START + HOUR,
        idle_start=START + MINUTE,
        authenticated_at=START + 2 * MINUTE,
        entry=u32(7),
    )
    yield session("record_every_part", "All parts that a reader may pass over.", cookie(everything), everything, now=now)
    yield session(
        "record_bound_and_idle",
        "The times are looked at before the binding.",
        cookie(bound),
        "idle",
        now=START + DAY,
    )
    yield session(
        "record_bound_and_payload",
        "The binding is looked at before the payload is decoded.",
        cookie(replace(bound, payload=b"\xff")),
        "unbound",
    )
    yield session(
        "record_bound_truncated",
        "A byte of the device key is missing.",
        cookie(SCHEMA + BASE.id + u32(START) + bytes([0x21]) + BASE.w + BASE.d + bytes(80 - 25)[:23]),
        "payload",
    )
    short = SCHEMA + BASE.id + u32(START) + bytes([0x35]) + varint(HOUR) + BASE.d + varint(HOUR) + u32(7) + bytes(32)
    assert len(short) == 64
    yield session("record_bound_a_byte_short", "Only the last byte of the device key is missing.", cookie(short), "payload", now=now)
    body = BASE.header + PAYLOAD
    most = b"\x80".ljust(16 - len(body) % 16 + 64, b"\x00")
    yield session("padding_more_than_needed", "Padding of several blocks.", cookie(replace(BASE, padding=most)), BASE)
    for length in (1, 16):
        name = "Ada" + "x" * ((16 - length - len(body)) % 16)
        exact = replace(BASE, payload=visitor(42, name, ["admin", "author"]))
        assert len(exact.raw) - len(exact.header) - len(exact.payload) == length
        yield session(f"padding_of_{length}", f"The record needs {length} bytes of padding.", cookie(exact), exact)
    least = len(padded(body)) - len(body)
    for name, comment, padding in (
        ("padding_zeros_alone", "Zero bytes without the mark before them.", bytes(least)),
        ("padding_other_mark", "Another mark.", b"\x81".ljust(least, b"\x00")),
        (
            "padding_twice",
            "The mark of a padding before the padding belongs to the payload.",
            b"\x80\x00" + b"\x80".ljust(least + 14, b"\x00"),
        ),
    ):
        yield session(name, comment, cookie(replace(BASE, padding=padding)), "payload")
    yield session(
        "padding_missing_and_future",
        "Padding is taken off after the times were looked at.",
        cookie(replace(BASE, padding=bytes(least))),
        "from_the_future",
        now=START - HOUR,
    )
    yield session(
        "record_schema_other_and_future",
        "The schema is looked at before the times.",
        cookie(replace(BASE, schema=flipped(SCHEMA, -1))),
        "schema_mismatch",
        now=START - HOUR,
    )


def times():
    sealed = cookie(BASE)
    yield session("record_future_60", "Written 60 seconds from now, which is accepted.", sealed, BASE, now=START - 60)
    yield session("record_future_61", "Written 61 seconds from now.", sealed, "from_the_future", now=START - 61)

    yield session(
        "record_idle_edge_before", "The last second before the idle timeout.", sealed, BASE, now=START + DAY - 1
    )
    yield session("record_idle_edge_at", "The second of the idle timeout.", sealed, "idle", now=START + DAY)
    later = replace(BASE, written=START + 2 * DAY)
    yield session(
        "record_idle_from_written",
        "The idle clock begins at written, not at started.",
        cookie(later),
        later,
        now=START + 3 * DAY - 1,
    )
    yield session("record_idle_off", "The idle timeout is switched off.", sealed, BASE, now=START + 7 * DAY - 1, idle=0)
    yield session(
        "record_idle_and_absolute", "Both timeouts have passed: idle comes first.", sealed, "idle", now=START + 8 * DAY
    )

    late = replace(BASE, written=START + 7 * DAY - HOUR)
    yield session(
        "record_absolute_before",
        "The last second before the absolute timeout.",
        cookie(late),
        late,
        now=START + 7 * DAY - 1,
    )
    yield session(
        "record_absolute_at", "The second of the absolute timeout.", cookie(late), "absolute", now=START + 7 * DAY
    )
    strict = replace(BASE, deadline=START + HOUR)
    yield session(
        "record_deadline_earlier_than_configured",
        "Sealed under an absolute timeout of an hour: a laxer configuration does not extend it.",
        cookie(strict),
        "absolute",
        now=START + HOUR,
    )
    yield session(
        "record_stricter_configuration_before",
        "Sealed for seven days, of which an hour is configured now: the last second of it.",
        sealed,
        BASE,
        now=START + HOUR - 1,
        idle=HOUR,
        absolute=HOUR,
    )
    hour = replace(BASE, written=START + HOUR - MINUTE)
    yield session(
        "record_stricter_configuration",
        "Sealed for seven days, of which an hour is configured now.",
        cookie(hour),
        "absolute",
        now=START + HOUR,
        idle=HOUR,
        absolute=HOUR,
    )

    remembered = cookie(REMEMBERED)
    month = {"max_lifetime": 30 * DAY}
    yield session(
        "record_remembered_no_idle",
        "No idle timeout applies to a remembered session, nor the absolute one.",
        remembered,
        REMEMBERED,
        now=START + 30 * DAY - 1,
        **month,
    )
    yield session(
        "record_remembered_at_deadline",
        "The deadline of a remembered session.",
        remembered,
        "absolute",
        now=START + 30 * DAY,
        **month,
    )
    yield session(
        "record_remembered_stricter_configuration",
        "A remembered session of thirty days, of which ten are configured now.",
        remembered,
        "absolute",
        now=START + 10 * DAY,
        max_lifetime=10 * DAY,
    )
    ten = replace(REMEMBERED, deadline=START + 10 * DAY)
    yield session(
        "record_remembered_deadline_earlier_than_configured",
        "A remembered session of ten days stays one where thirty are configured.",
        cookie(ten),
        "absolute",
        now=START + 10 * DAY,
        **month,
    )
    yield session(
        "record_not_remembered",
        "The same as record_remembered_no_idle, but for the bit: the configured absolute timeout applies.",
        cookie(replace(REMEMBERED, remembered=False)),
        "absolute",
        now=START + 7 * DAY,
        idle=0,
        **month,
    )

    yield session("record_not_before_edge", "Started at not-before.", sealed, BASE, not_before=START)
    yield session(
        "record_not_before",
        "Started before not-before, written after it.",
        cookie(hour),
        "revoked",
        now=START + HOUR,
        not_before=START + 1,
    )


def payloads():
    def session_of(name, comment, payload, expect="payload"):
        record = replace(BASE, payload=payload)
        return session(name, comment, cookie(record), record if expect == "ok" else expect)

    other = replace(BASE, schema=flipped(SCHEMA, -1))
    yield session("record_schema_other", "The schema of another type.", cookie(other), "schema_mismatch")
    yield session(
        "record_schema_other_and_payload",
        "The payload of another schema is not decoded.",
        cookie(replace(other, payload=b"\xff")),
        "schema_mismatch",
    )
    yield session(
        "record_schema_other_and_idle",
        "The schema is looked at before the times.",
        cookie(other),
        "schema_mismatch",
        now=START + DAY,
    )
    old = sha256(f"sealed-session/shape/v1:{{{FIELDS}}}".encode()).digest()[:5]
    yield session(
        "record_of_the_layout_before",
        "A record of the layout before this one, whose schemas had another prefix.",
        cookie(old + BASE.id + u32(START) + b"\x01" + varint(14 * DAY) + PAYLOAD),
        "schema_mismatch",
    )
    for name, comment, schema in (
        ("fields_swapped", "A type with two fields in another order.", "{name:str,user:?u64,roles:[str]}"),
        ("field_renamed", "A type with one field of another name.", "{user:?u64,nick:str,roles:[str]}"),
        ("field_more", "A type with one field more.", f"{{{FIELDS},flash:str}}"),
        ("first_fields", "The first fields, of a type without values for the others.", "{user:?u64,name:str}"),
    ):
        record = replace(BASE, schema=bytes.fromhex(fingerprint(schema)))
        yield session(f"record_schema_{name}", comment, cookie(record), "schema_mismatch")
    pinned = replace(BASE, schema=bytes.fromhex(fingerprint(f"{{{FIELDS}}}", PINNED)))
    yield session("record_schema_pinned", "The description as a pinned text.", cookie(pinned), "schema_mismatch")
    yield session_of("payload_trailing_byte", "A byte follows the payload.", PAYLOAD + b"\x00")
    yield session_of("payload_truncated", "The last byte of the payload is missing.", PAYLOAD[:-1])
    yield session_of(
        "payload_sequence_longer_than_payload",
        "A sequence that claims 2^32 items.",
        visitor(42, "Ada", [])[:-1] + varint(1 << 32),
    )
    yield session_of("payload_string_not_utf8", "The byte ff in a string.", b"\x00\x03A\xffa\x00")
    yield session_of("payload_option_of_two", "The byte of an Option is 2.", b"\x02" + PAYLOAD[1:])
    yield session_of("payload_number_too_large", "A u64 of 65 bits.", b"\x01" + varint(1 << 64) + PAYLOAD[2:])
    yield session_of(
        "payload_number_largest", "The largest u64 takes ten bytes.", visitor((1 << 64) - 1, "Ada", []), "ok"
    )
    yield session_of(
        "payload_number_not_shortest",
        "postcard, unlike §1, accepts a varint that is not the shortest.",
        b"\x01\xaa\x00" + PAYLOAD[2:],
        "ok",
    )


def cookies():
    good = cookie(BASE)
    later = replace(BASE, id=OTHER_ID, written=START + 30, payload=visitor(7, "Grace", []))
    yield session(
        "cookie_two_later_first",
        "Of two cookies of the name, the one sealed later wins: here the first.",
        f"{cookie(later)}; {good}",
        later,
    )
    polled = replace(later, written=START + HOUR, idle_start=START)
    read = replace(BASE, written=START + MINUTE)
    yield session(
        "cookie_two_later_is_a_poll",
        "The one sealed later wins, though its idle clock began earlier.",
        f"{cookie(read)}; {cookie(polled)}",
        polled,
        now=START + HOUR,
    )
    yield session(
        "cookie_two_later_last",
        "Of two cookies of the name, the one sealed later wins: here the last.",
        f"{good}; {cookie(later)}",
        later,
    )
    yield session(
        "cookie_two_later_expired",
        "The cookie sealed later has expired, and is passed over.",
        f"{cookie(replace(later, deadline=START + 40))}; {good}",
        BASE,
    )
    yield session(
        "cookie_two_first_forged",
        "A forged cookie of the name is passed over.",
        f"{raw(flipped(envelope(later.raw), -1))}; {good}",
        BASE,
    )
    yield session(
        "cookie_two_first_too_long",
        "A cookie of the name that is too long is passed over.",
        f"{NAME}={'A' * 4100}; {good}",
        BASE,
    )
    yield session(
        "cookie_two_equal",
        "Of two cookies written at the same time, the earlier pair wins.",
        f"{cookie(replace(later, written=START))}; {good}",
        replace(later, written=START),
    )
    yield session(
        "cookie_two_later_schema_mismatch",
        "The cookie sealed later is of another schema, and is passed over.",
        f"{cookie(replace(later, schema=flipped(SCHEMA, -1)))}; {good}",
        BASE,
    )
    early = replace(later, started=START - 1, deadline=START - 1 + 7 * DAY)
    yield session(
        "cookie_two_later_revoked",
        "The session sealed later started before not-before, and is passed over.",
        f"{cookie(early)}; {good}",
        BASE,
        not_before=START,
    )
    unknown = cookie(BASE, key=ABSENT)
    yield session(
        "cookie_two_rejected_malformed_first",
        "Of two rejections the one of the later step counts: no key has the id.",
        f"{NAME}=junk; {unknown}",
        "unknown_key",
    )
    yield session(
        "cookie_two_rejected_malformed_last",
        "Of two rejections the one of the later step counts, and an algorithm that is not the key's counts as step 2.",
        f"{unknown}; {cookie(BASE, key=EQUAL_XCHACHA, key_id=EQUAL.id)}",
        "unknown_key",
    )
    yield session(
        "cookie_two_rejected_head_and_schema",
        "Of two rejections the one of the later step counts, and a bad head counts as a bad payload.",
        f"{cookie(BASE.raw[:19])}; {cookie(replace(later, schema=flipped(SCHEMA, -1)))}",
        "payload",
    )
    yield session(
        "cookie_white_space",
        "Spaces and tabs around the name and around the value are taken off.",
        "a=b;\t " + good.replace("=", " \t=\t ") + " \t; c=d",
        BASE,
    )
    junk = [f"{NAME}=junk{i}" for i in range(4)]
    fourth, fifth = "; ".join([*junk[:3], good]), "; ".join([*junk, good])
    yield session("cookie_fourth", "Four cookies of the name are tried: the last is good.", fourth, BASE)
    yield session("cookie_fifth", "Four cookies of the name are tried: the fifth is good.", fifth, "malformed")
    repeated = "; ".join([junk[0], junk[1], junk[0], junk[1], junk[0], good])
    yield session("cookie_repeated", "A value that is there again is no further candidate.", repeated, BASE)
    yield session(
        "cookie_junk_beside",
        "Cookies of other names, without a name, without a value, beside the good one.",
        f'theme=dark; flag; =; ;; a=b=c; q="; {good}; session=x; {NAME}2=x; x{NAME}=x',
        BASE,
    )
    yield session("cookie_neighbour_not_ascii", "A neighbour that is not ASCII.", f"café=crème; {good}", BASE)
    yield session("cookie_absent", "No cookie of the name.", "theme=dark", "absent")
    yield session(
        "cookie_nameless", "A cookie without a name, whose value looks like a pair of the name.", f"={good}", "absent"
    )
    yield session(
        "cookie_name_other_case",
        "Cookie names are compared byte by byte.",
        good.replace(NAME, NAME.lower()),
        "absent",
    )


def last_seen_cookies():
    good = cookie(BASE)
    renewed, now = START + DAY - HOUR, START + DAY + HOUR

    def beside(name, comment, seen, expect="idle", sealed=good, **how):
        return session(name, comment, f"{sealed}; {seen}", expect, **{"now": now, **how})

    def changed(value):
        return raw(value, f"{NAME}.seen")

    value = renewal(BASE, renewed)
    assert len(base64url(value)) == 34
    yield beside("last_seen_renews", "The idle clock begins at renewed.", changed(value), BASE)
    yield beside(
        "last_seen_renews_xchacha",
        "The same with XChaCha20-Poly1305, whose code is HMAC-SHA-256.",
        last_seen(BASE, renewed, key=UP),
        BASE,
        sealed=cookie(BASE, key=UP),
        keys=[UP],
    )
    yield beside(
        "last_seen_of_the_second_key",
        "The second key of the ring made both cookies.",
        last_seen(BASE, renewed, key=UP),
        BASE,
        sealed=cookie(BASE, key=UP),
        keys=[EQUAL, UP],
    )
    shop = cookie(BASE, purpose="shop")
    yield beside(
        "last_seen_purpose",
        "The last-seen cookie is bound to the purpose of the session.",
        last_seen(BASE, renewed, purpose="shop"),
        BASE,
        sealed=shop,
        purpose="shop",
    )
    tag = envelope(BASE.raw, purpose="shop")[-16:]
    yield beside(
        "last_seen_other_purpose",
        "Made for another purpose, otherwise good.",
        changed(last_seen_value(EQUAL, Context(LAST_SEEN, NAME), tag, renewed)),
        sealed=shop,
        purpose="shop",
    )
    yield beside(
        "last_seen_other_name",
        "Made for the name of its own cookie, not for the one of the session's.",
        last_seen(BASE, renewed, name=f"{NAME}.seen"),
    )
    tag = envelope(BASE.raw)[-16:]
    yield beside(
        "last_seen_length_moved",
        "Made for a longer name and a shorter purpose: only the lengths differ.",
        changed(last_seen_value(EQUAL, Context(LAST_SEEN, NAME + "a", "b"), envelope(BASE.raw, purpose="ab")[-16:], renewed)),
        sealed=cookie(BASE, purpose="ab"),
        purpose="ab",
    )
    for place, what in ((5, "the moment"), (9, "the first byte of the code"), (-1, "the last byte of the code")):
        name = {5: "moment", 9: "code", -1: "code_last"}[place]
        yield beside(f"last_seen_{name}_flipped", f"A bit of {what} is another.", changed(flipped(value, place)))
    yield beside("last_seen_key_id_flipped", "A bit of the key id is another.", changed(flipped(value, 1)))
    yield beside(
        "last_seen_of_another_key",
        "The id of another key of the ring, whose code it is not.",
        changed(value[:1] + DOWN.id + value[5:]),
        keys=[EQUAL, DOWN],
    )
    yield beside("last_seen_key_unknown", "A key that is not in the ring.", last_seen(BASE, renewed, key=ABSENT))
    yield beside(
        "last_seen_other_algorithm",
        "V names the other algorithm.",
        last_seen(BASE, renewed, version=0x12),
    )
    yield beside("last_seen_version_2", "The high half of V is 2.", last_seen(BASE, renewed, version=0x21))
    yield beside(
        "last_seen_other_key_of_the_ring",
        "Any key of the ring may have made it, though a writer takes the one of the session.",
        changed(last_seen_value(DOWN, Context(LAST_SEEN, NAME), tag, renewed)),
        BASE,
        keys=[EQUAL, DOWN],
    )
    sealed = envelope(tag + u32(renewed), kind=LAST_SEEN)
    yield beside("last_seen_sealed", "A token of the kind, as an earlier layout had it.", changed(sealed))
    yield beside(
        "last_seen_never_an_error",
        "The last-seen cookie is no token, and the session is not idle without it.",
        f"{NAME}.seen=junk",
        BASE,
        now=START + DAY - 1,
    )
    yield beside("last_seen_truncated", "The last byte is missing.", changed(value[:-1]))
    yield beside("last_seen_longer", "A byte follows.", changed(value + b"\x00"))
    yield beside("last_seen_empty", "An empty value.", f"{NAME}.seen=")
    unused = base64url(value)[:-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(base64url(value)[-1]) + 1]
    yield beside(
        "last_seen_not_canonical", "The unused bits of the last character are not zero.", f"{NAME}.seen={unused}{last}"
    )
    yield beside(
        "last_seen_in_another_cookie",
        "A good last-seen cookie under the name of another session's.",
        changed(value).replace(NAME, "__Host-other"),
    )
    other = replace(BASE, written=START + MINUTE)
    polled = replace(BASE, written=START + DAY - MINUTE, idle_start=START + HOUR)
    yield beside(
        "last_seen_of_another_cookie",
        "The last-seen cookie renews another cookie of the same session.",
        last_seen(other, renewed),
    )
    junk = [f"{NAME}.seen=junk{i}" for i in range(4)]
    yield beside(
        "last_seen_fourth",
        "Of several last-seen cookies the one that belongs to the session counts: here the fourth.",
        "; ".join([*junk[:3], changed(value)]),
        BASE,
    )
    yield beside(
        "last_seen_fifth", "The fifth is not looked at.", "; ".join([*junk, changed(value)])
    )
    yield beside(
        "last_seen_repeated_junk",
        "A value that is there again counts once.",
        "; ".join([*junk[:1] * 9, changed(value)]),
        BASE,
    )
    earlier = last_seen(BASE, START + HOUR)
    yield beside(
        "last_seen_latest",
        "Of two that belong to the session the later counts, wherever it stands.",
        f"{earlier}; {changed(value)}",
        BASE,
    )
    yield beside(
        "last_seen_of_a_poll",
        "A poll has written since, and the idle clock began before: the cookie counts from then on.",
        last_seen(polled, START + DAY),
        polled,
        sealed=cookie(polled),
        now=START + DAY + 2 * HOUR,
    )
    yield beside(
        "last_seen_before_the_idle_start",
        "Renewed before the sealed idle start, which counts.",
        last_seen(polled, START + 1),
        polled,
        sealed=cookie(polled),
        now=polled.idle_start + DAY - 1,
    )
    yield beside(
        "last_seen_from_the_future_60",
        "Renewed 60 seconds from now, which is accepted.",
        last_seen(BASE, now + 60),
        BASE,
    )
    yield beside(
        "last_seen_from_the_future_61",
        "Renewed 61 seconds from now: no last-seen cookie, and no session.",
        last_seen(BASE, now + 61),
    )
    yield beside(
        "last_seen_idle_edge_before",
        "The last second before the idle timeout, counted from renewed.",
        changed(value),
        BASE,
        now=renewed + DAY - 1,
    )
    yield beside(
        "last_seen_idle_edge_at",
        "The second of the idle timeout, counted from renewed.",
        changed(value),
        now=renewed + DAY,
    )
    yield beside(
        "last_seen_interval_edge_at",
        "The interval is as long as the idle timeout: a last-seen cookie counts from that second on.",
        last_seen(BASE, START + 1),
        BASE,
        now=START + 1,
        idle=1,
    )
    yield beside(
        "last_seen_before_written",
        "Renewed before the cookie was written: the idle clock begins at written.",
        last_seen(other, START),
        other,
        sealed=cookie(other),
        now=other.written + DAY - 1,
    )
    week = last_seen(BASE, START + 7 * DAY - 1)
    yield beside(
        "last_seen_absolute_still_ends",
        "The absolute timeout ends a session, whatever was renewed.",
        week,
        "absolute",
        now=START + 7 * DAY,
    )
    yield beside(
        "last_seen_remembered_ignored",
        "A remembered session has no idle timeout: the last-seen cookie, long past, does not bring one.",
        last_seen(REMEMBERED, renewed),
        REMEMBERED,
        sealed=cookie(REMEMBERED),
        now=START + 30 * DAY - 1,
        max_lifetime=30 * DAY,
    )
    yield beside(
        "last_seen_idle_off",
        "The idle timeout is switched off: the last-seen cookie, long past, does not bring one.",
        changed(value),
        BASE,
        now=START + 7 * DAY - 1,
        idle=0,
    )
    later = replace(BASE, id=OTHER_ID, written=START + 30, payload=visitor(7, "Grace", []))
    yield beside(
        "last_seen_of_the_second_cookie",
        "Of two cookies of the name, the last-seen cookie renews the second; the first, sealed later, is idle.",
        changed(value),
        BASE,
        sealed=f"{cookie(later)}; {good}",
    )
    yield beside(
        "last_seen_two_later_written",
        "Of two cookies of the name, the one written later wins, even if the other was renewed later.",
        last_seen(BASE, START + DAY - 1),
        later,
        sealed=f"{good}; {cookie(later)}",
        now=START + DAY - 1,
    )


def tombstones():
    good = cookie(BASE)
    ended = tombstone(BASE.id)
    digits = BASE.id[:8].hex()
    other = replace(BASE, schema=flipped(SCHEMA, -1))
    later = replace(BASE, id=OTHER_ID, written=START + 30, payload=visitor(7, "Grace", []))

    def beside(name, comment, tombstones, expect="ended", sealed=good, **how):
        return session(name, comment, f"{sealed}; {tombstones}", expect, **how)

    yield beside("tombstone_present", "A tombstone of the family of the session's id.", ended)
    whole = tombstone(BASE.id, length=11)
    yield beside("tombstone_of_the_whole_id", "A tombstone of the session's id, all eleven bytes.", whole)
    yield beside("tombstone_of_both", "A tombstone of the id, and one of its family.", f"{whole}; {ended}")
    yield beside(
        "tombstone_of_the_id_before",
        "A tombstone of a whole id of the same family: the session has gone on under the next.",
        tombstone(flipped(BASE.id, 10), length=11),
        BASE,
    )
    yield beside("tombstone_of_nine_bytes", "A tombstone of nine bytes is none.", tombstone(BASE.id, length=9), BASE)
    yield beside("tombstone_of_ten_bytes", "A tombstone of ten bytes is none.", tombstone(BASE.id, length=10), BASE)
    yield beside(
        "tombstone_of_the_whole_id_upper_case",
        "Its twenty-two digits are in upper case.",
        whole.replace(BASE.id.hex(), BASE.id.hex().upper()),
        BASE,
    )
    yield beside(
        "tombstone_of_the_whole_id_and_more", "A digit follows the twenty-two.", whole.replace("=", "0="), BASE
    )
    yield beside("tombstone_any_value", "The value of a tombstone is not a moment.", tombstone(BASE.id, "no number"))
    yield beside("tombstone_empty_value", "The value of a tombstone is empty.", tombstone(BASE.id, ""))
    yield beside(
        "tombstone_without_equals", "A pair without = has no name, and so is no tombstone.", ended.partition("=")[0], BASE
    )
    yield beside(
        "tombstone_of_another_id",
        "A tombstone of an id that differs in the last of the sixteen digits.",
        tombstone(flipped(BASE.id, 7)),
        BASE,
    )
    same = replace(BASE, id=BASE.id[:8] + OTHER_ID[8:])
    yield beside(
        "tombstone_of_the_family",
        "A tombstone of a family ends every id of it, also one that differs in the last three bytes.",
        ended,
        sealed=cookie(same),
    )
    yield beside(
        "tombstone_of_another_cookie", "A tombstone of a cookie of another name.", tombstone(BASE.id, name="__Host-other"), BASE
    )
    yield beside("tombstone_upper_case_digits", "Its digits are in upper case.", ended.replace(digits, digits.upper()), BASE)
    yield beside("tombstone_digits_missing", "The last digit is missing.", ended.replace(digits, digits[:-1]), BASE)
    yield beside("tombstone_digits_more", "A digit follows the sixteen.", ended.replace("=", "0="), BASE)
    bound = replace(BASE, device_key=b"\x02" + bytes(range(32)))
    yield beside("tombstone_and_bound", "The tombstones are looked at before the binding.", ended, sealed=cookie(bound))
    yield beside(
        "tombstone_beside_two_cookies_other_bound",
        "Of two cookies of the name, one has ended and one is bound: the rejection of the later step counts.",
        tombstone(later.id),
        "unbound",
        sealed=f"{cookie(bound)}; {cookie(later)}",
    )
    many = "; ".join(tombstone(bytes([i]) * 11) for i in range(8))
    yield beside("tombstone_ninth", "The ninth tombstone of a request is of the id.", f"{many}; {ended}")
    yield beside("tombstone_and_idle", "The times are looked at before the tombstones.", ended, "idle", now=START + DAY)
    yield beside(
        "tombstone_and_last_seen",
        "A last-seen cookie does not raise a session that has ended.",
        f"{ended}; {last_seen(BASE, START + DAY - HOUR)}",
        now=START + DAY + HOUR,
    )
    yield beside(
        "tombstone_and_schema_mismatch",
        "The schema is looked at before the tombstones.",
        ended,
        "schema_mismatch",
        sealed=cookie(other),
    )
    yield beside("tombstone_and_revoked", "The tombstones are looked at before what is revoked.", ended, not_before=START + 1)
    two = f"{cookie(later)}; {good}"
    yield beside(
        "tombstone_beside_two_cookies",
        "Of two cookies of the name, the one sealed later has ended: the other opens.",
        tombstone(later.id),
        BASE,
        sealed=two,
    )
    yield beside(
        "tombstone_beside_two_cookies_other_idle",
        "Of two cookies of the name, one has ended and one is idle: the rejection of the later step counts.",
        tombstone(later.id),
        sealed=two,
        now=START + DAY,
    )


def applications():
    message = b"return to /account"
    plaintext = u32(NOW + HOUR) + message

    def sealed(raw, **how):
        return token(raw, **{"kind": APPLICATION, "name": LABEL, **how})

    good = sealed(plaintext)
    yield application("application_good_xaes", "A token sealed with XAES-256-GCM.", good, message)
    yield application(
        "application_good_xchacha", "A token sealed with XChaCha20-Poly1305.", sealed(plaintext, key=UP), message, [UP]
    )
    yield application("application_message_empty", "A token whose message has no bytes.", sealed(u32(NOW + HOUR)), b"")
    yield application("application_expiry_before", "The last second.", good, message, now=NOW + HOUR - 1)
    yield application("application_expiry_at", "The first second of refusal.", good, "expired", now=NOW + HOUR)
    yield application(
        "application_never_expires",
        "Never expires, not even after 2106.",
        sealed(u32(NEVER) + message),
        message,
        now=NEVER + 1,
    )
    yield application(
        "application_expiry_latest",
        "The last expiry that is not never.",
        sealed(u32(NEVER - 1) + message),
        "expired",
        now=NEVER - 1,
    )
    yield application(
        "application_plaintext_too_short", "Three bytes of plaintext.", sealed(plaintext[:3]), "malformed"
    )
    yield application(
        "application_other_label", "Sealed for another label.", sealed(plaintext, name="magic-link"), "forged"
    )
    yield application(
        "application_other_purpose", "Sealed for another purpose.", sealed(plaintext, purpose="shop"), "forged"
    )
    yield application(
        "application_forged_and_expired",
        "An expired token whose tag is another: the tag comes first.",
        base64url(flipped(envelope(u32(0) + message, kind=APPLICATION, name=LABEL), -1)),
        "forged",
    )
    yield application(
        "application_is_session",
        "The token of a session, the label being the cookie's name.",
        token(BASE.raw),
        "forged",
        label=NAME,
    )
    yield session(
        "session_is_application",
        "An application token as cookie, the label being the cookie's name.",
        f"{NAME}={sealed(plaintext, name=NAME)}",
        "forged",
    )
    longest = u32(NOW + HOUR) + b"x" * (3072 - 45 - 4)
    assert len(sealed(longest)) == 4096
    yield application("application_longest", "A token of 4096 characters.", sealed(longest), longest[4:])
    yield application(
        "application_too_long", "A token of 4098 characters, otherwise good.", sealed(longest + b"x"), "too_long"
    )
    yield application("application_line_end", "A line end follows the token.", good + "\n", "malformed")


def forms():
    plaintext = u32(NOW + HOUR) + BASE.id[:8]

    def sealed(raw, **how):
        return token(raw, **{"kind": FORM, "name": NAME, **how})

    good = sealed(plaintext)
    yield form("form_good_xaes", "A token for the forms of this session.", good)
    yield form("form_good_xchacha", "The same with XChaCha20-Poly1305.", sealed(plaintext, key=UP), keys=[UP])
    yield form("form_expiry_before", "The last second.", good, now=NOW + HOUR - 1)
    yield form("form_expiry_at", "The first second of refusal.", good, "expired", now=NOW + HOUR)
    never = sealed(u32(NEVER) + BASE.id[:8])
    yield form("form_expiry_greatest", "The greatest expiry, which no clock has reached.", never)
    other = replace(BASE, id=OTHER_ID)
    yield form("form_other_session", "A token for another session.", good, "other_session", record=other)
    next_id = replace(BASE, id=flipped(BASE.id, 10))
    yield form("form_after_a_new_id", "A token of the id before, of the same family.", good, record=next_id)
    other_family = replace(BASE, id=flipped(BASE.id, 7))
    yield form("form_other_family", "The last byte of the family is another.", good, "other_session", record=other_family)
    late = sealed(u32(NOW) + OTHER_ID[:8])
    yield form("form_expired_and_other_session", "The time is looked at before the family.", late, "expired")
    yield form("form_short", "Seven bytes of the family.", sealed(plaintext[:-1]), "malformed")
    yield form("form_of_a_whole_id", "All eleven bytes of the id.", sealed(u32(NOW + HOUR) + BASE.id), "malformed")
    yield form("form_long", "A byte follows the family.", sealed(plaintext + b"x"), "malformed")
    yield form("form_long_and_expired", "The length comes first.", sealed(u32(0) + BASE.id[:8] + b"x"), "malformed")
    yield form("form_of_another_cookie", "Of another cookie.", sealed(plaintext, name="__Host-other"), "forged")
    yield form("form_other_purpose", "Of another purpose.", sealed(plaintext, purpose="shop"), "forged")
    yield form("form_is_application", "A token of the application's.", sealed(plaintext, kind=APPLICATION), "forged")
    yield form("form_is_session", "The token of the session.", token(BASE.raw), "forged")
    yield session("session_is_form", "A token for forms as cookie.", f"{NAME}={good}", "forged")
    yield application(
        "application_is_form", "A token for forms, the label being the cookie's name.", good, "forged", label=NAME
    )
    yield form("form_unknown_key", "The ring has not its key.", sealed(plaintext, key=UP), "unknown_key")
    yield form("form_empty", "No bytes.", "", "malformed")


def revocations():
    until = BASE.deadline + MINUTE
    family = Revocation(until, family=BASE.id[:8])
    person = Revocation(NOW + 7 * DAY, before=NOW, subject=subject_of(42))

    def sealed(entry, **how):
        return token(entry if isinstance(entry, bytes) else entry.raw, **{"kind": REVOCATION, **how})

    # The entries by themselves.
    yield revocation("revocation_family_xaes", "The entry of a family.", sealed(family), family)
    yield revocation("revocation_family_xchacha", "With XChaCha20.", sealed(family, key=UP), family, keys=[UP])
    yield revocation("revocation_subject_xaes", "The entry of a person.", sealed(person), person)
    yield revocation("revocation_subject_xchacha", "With XChaCha20.", sealed(person, key=UP), person, keys=[UP])
    yield revocation(
        "revocation_with_purpose", "Of a purpose.", sealed(family, purpose="shop"), family, purpose="shop"
    )
    for kind in (0, 3, 0x81):
        of_kind = sealed(bytes([kind]) + family.raw[1:])
        yield revocation(f"revocation_kind_{kind}", "There is no such entry.", of_kind, "malformed")
    for entry, name in ((family, "family"), (person, "subject")):
        yield revocation(f"revocation_{name}_short", "A byte less.", sealed(entry.raw[:-1]), "malformed")
        yield revocation(f"revocation_{name}_long", "A byte more.", sealed(entry.raw + b"\0"), "malformed")
    as_subject = sealed(b"\x02" + family.raw[1:])
    yield revocation("revocation_subject_as_long_as_family", "Too short for a person.", as_subject, "malformed")
    as_family = sealed(b"\x01" + person.raw[1:])
    yield revocation("revocation_family_as_long_as_subject", "Too long for a family.", as_family, "malformed")
    yield revocation("revocation_empty_plaintext", "Nothing was sealed.", sealed(b""), "malformed")
    yield revocation("revocation_empty", "No bytes.", "", "malformed")
    yield revocation("revocation_unknown_key", "The ring has not its key.", sealed(family, key=UP), "unknown_key")
    yield revocation("revocation_other_purpose", "Of another purpose.", sealed(family, purpose="shop"), "forged")
    yield revocation("revocation_other_cookie", "Of another cookie.", sealed(family, name="__Host-other"), "forged")
    for kind, of in ((SESSION, "session"), (LAST_SEEN, "last_seen"), (APPLICATION, "application"), (FORM, "form")):
        as_kind = token(family.raw, kind=kind)
        yield revocation(f"revocation_is_{of}", "A token of another kind.", as_kind, "forged")
    yield session("session_is_revocation", "An entry as cookie.", f"{NAME}={sealed(family)}", "forged")

    # Sessions, and what the reader has been told.
    def told(name, comment, lines, expect, record=BASE, **how):
        lines = tuple(line if isinstance(line, str) else sealed(line) for line in lines)
        found = record if expect == "ok" else expect
        return session(f"revoked_{name}", comment, cookie(record), found, revocations=lines, **how)

    yield told("family", "The family was revoked.", [family], "revoked")
    later_id = replace(BASE, id=BASE.id[:8] + b"xyz")
    yield told("family_other_id", "Another id of the family.", [family], "revoked", record=later_id)
    for at in (0, 7):
        other = replace(BASE, id=flipped(BASE.id, at))
        yield told(f"family_other_{at}", "A session of another family.", [family], "ok", record=other)
    yield told("family_stranger", "Nobody is logged in.", [family], "revoked", record=replace(BASE, payload=visitor(None, "", [])))
    in_time, too_late = replace(family, until=NOW + 1), replace(family, until=NOW)
    yield told("family_until", "The last second of the entry.", [in_time], "revoked")
    yield told("family_ended", "The entry has ended.", [too_late], "ok")
    yield told("family_latest_until", "The latest end counts.", [in_time, too_late], "revoked")
    yield told("family_latest_until_first", "In the other order.", [too_late, in_time], "revoked")

    yield told("subject", "The person was logged out everywhere.", [person], "revoked")
    yield told("subject_other", "Another person was.", [replace(person, subject=subject_of(43))], "ok")
    stranger = replace(BASE, payload=visitor(None, "", []))
    yield told("subject_stranger", "Nobody is logged in.", [person], "ok", record=stranger)
    zero = replace(person, subject=subject_of(0))
    yield told("subject_stranger_is_not_0", "Nobody is not user 0.", [zero], "ok", record=stranger)
    for name, by, expect in (("before", -1, "ok"), ("at", 0, "revoked"), ("after", 1, "revoked")):
        entry = replace(person, before=START + by)
        yield told(f"subject_start_{name}", "The moment beside the start.", [entry], expect)
    for name, by, expect in (("older", -1, "revoked"), ("equal", 0, "ok"), ("newer", 1, "ok")):
        record = replace(BASE, entry=u32(NOW + by))
        yield told(f"subject_seals_{name}", "The session seals an entry.", [person], expect, record=record)
    sealing = replace(BASE, entry=u32(NOW))
    yield told("family_seals_entry", "An entry of the person does not help the family.", [family], "revoked", record=sealing)
    newer = replace(person, before=NOW + 1)
    yield told("subject_two", "The newest of two counts.", [person, newer], "revoked", record=sealing)
    yield told("subject_two_first", "In the other order.", [newer, person], "revoked", record=sealing)
    yield told("subject_until", "The last second of the entry.", [replace(person, until=NOW + 1)], "revoked")
    yield told("subject_ended", "The entry has ended.", [replace(person, until=NOW)], "ok")

    for name, line in (
        ("unknown_key", sealed(family, key=UP)),
        ("other_purpose", sealed(family, purpose="shop")),
        ("other_cookie", sealed(family, name="__Host-other")),
        ("forged", sealed(family)[:-1] + "A"),
        ("other_kind", token(family.raw, kind=SESSION)),
        ("junk", "junk"),
    ):
        yield told(f"unread_{name}", "The line is no entry for this reader.", [line], "ok")
    yield told("after_unread", "Lines that are none do not hide one that is.", ["junk", family, "#"], "revoked")
    older = replace(BASE, id=OTHER_ID, started=START - HOUR, written=START - HOUR, authenticated_at=START - HOUR)
    both = f"{cookie(BASE)}; {cookie(older)}"
    yield session(
        "revoked_next_candidate", "The one that was written before goes on.", both, older, revocations=(sealed(family),)
    )
    yield session(
        "revoked_and_not_before", "Either is enough.", cookie(BASE), "revoked", not_before=START, revocations=(sealed(family),)
    )


def keys():
    for algorithm in (EQUAL, UP):
        word = algorithm.algorithm.word
        yield key(f"key_good_{word}", "A key text, weak but otherwise good.", algorithm.text, [algorithm])
    good = EQUAL.text
    flip = good[:-1] + ("0" if good[-1] != "0" else "1")
    yield key("key_checksum", "The last digit of the key id is another.", flip, "checksum")
    yield key(
        "key_algorithm_mistyped",
        "The word is the one of the other algorithm.",
        good.replace("xaes", "xchacha"),
        "checksum",
    )
    prefix, digits = good[:13], DOWN.text[13:]
    yield key("key_upper_case_digits", "Hexadecimal digits in upper case.", prefix + digits.upper(), "malformed")
    yield key(
        "key_upper_case_algorithm",
        "The algorithm in upper case.",
        good.replace("xaes", "XAES"),
        "unknown_algorithm",
    )
    yield key(
        "key_unknown_algorithm", "A word that names no algorithm.", good.replace("xaes", "aes"), "unknown_algorithm"
    )
    yield key("key_white_space", "White space around a key text is ignored.", f" \t\r\n{good}\f\n", [EQUAL])
    yield key("key_vertical_tab", "A vertical tab is no white space.", f"{good}\v", "malformed")
    yield key("key_too_short", "The last digit is missing.", good[:-1], "malformed")
    yield key("key_too_long", "A digit more.", good + "0", "malformed")
    yield key("key_weak_equal", "All bytes are equal.", good, "weak")
    yield key("key_weak_counting_up", "Each byte is its predecessor plus one.", UP.text, "weak")
    yield key("key_weak_counting_down", "Each byte is its predecessor minus one.", DOWN.text, "weak")
    around_up = Key(XAES, bytes(i % 256 for i in range(240, 272)))
    around_down = Key(XAES, bytes(i % 256 for i in range(271, 239, -1)))
    yield key("key_weak_counting_up_around", "Counting up past ff.", around_up.text, "weak")
    yield key("key_weak_counting_down_around", "Counting down past 00.", around_down.text, "weak")


def rings():
    one, two, three = EQUAL.text, UP.text, DOWN.text
    yield ring("ring_one", "A ring of one key, without a line end.", one, [EQUAL])
    yield ring(
        "ring_comments_and_commas",
        "Entries separated by line ends and commas, with comments and white space; a comment ends with its line.",
        f"# the keys, of {ABSENT.text}, no\n\n \t{two} , {one},,\n{three}# seals no more, {ABSENT.text}\n , \n#\n",
        [UP, EQUAL, DOWN],
    )
    yield ring("ring_crlf", "Lines that end with CRLF.", f"{one} # seals\r\n\r\n{two}\r\n", [EQUAL, UP])
    yield ring(
        "ring_same_bytes_both_algorithms",
        "The same bytes under both algorithms are two keys of different ids.",
        f"{one},{EQUAL_XCHACHA.text}",
        [EQUAL, EQUAL_XCHACHA],
    )
    yield ring("ring_empty", "No text at all.", "", "empty")
    yield ring("ring_empty_of_comments", "Comments, commas and white space, but no key.", f"# {one}\n , ,\n", "empty")
    yield ring("ring_repeated_id", "The first key stands there again.", f"{one}\n{two}\n{one}\n", "repeated")
    yield ring("ring_separated_by_space", "Two keys with a space between.", f"{one} {two}", "unknown_word")
    yield ring("ring_vertical_tab", "A vertical tab is no white space.", f"{one}\n{two}\v\n", "malformed")
    yield ring("ring_form_feed", "A form feed is white space.", f"{one}\n\f{two}\f\n", [EQUAL, UP])
    yield ring("ring_byte_order_mark", "It begins with a byte order mark.", f"\ufeff{one}\n", "byte_order_mark")
    yield ring("ring_nul", "A NUL, in a comment.", f"{one} # \0\n", "nul")
    yield ring("ring_longest", "65536 bytes.", f"{one}\n#".ljust(65536, "-"), [EQUAL])
    yield ring("ring_too_long", "65537 bytes.", f"{one}\n#".ljust(65537, "-"), "too_long")
    yield ring("ring_entry_checksum", "The second key has a bad checksum.", f"{one}\n{two[:-1]}0", "checksum")
    yield ring("ring_entry_weak", "A key of a form that is refused.", one, "weak")
    many = [Key(algorithm, bytes([i]) * 32) for i in range(33) for algorithm in (XAES, XCHACHA)]
    lines = [f"{key.text}\n" for key in many]
    yield ring("ring_64_keys", "As many keys as there may be.", "".join(lines[:64]), many[:64])
    yield ring("ring_65_keys", "A key too many.", "".join(lines[:65]), "too_many")


def dated_rings():
    switch, end = NOW + HOUR, NOW + 9 * DAY
    old, new = entry_of(EQUAL, START, end), entry_of(UP, switch)
    both = [EQUAL, UP]
    yield dated(
        "ring_dated_before", "A second before the switch the old key seals.", old + new, (both, EQUAL, both), switch - 1
    )
    yield dated("ring_dated_switch", "From its seals-from on the new key seals.", old + new, (both, UP, both), switch)
    yield dated(
        "ring_dated_ending", "A second before its opens-until the old key opens.", old + new, (both, UP, both), end - 1
    )
    yield dated(
        "ring_dated_ended", "From its opens-until on the old key opens no longer.", old + new, (both, UP, [UP]), end
    )
    yield dated("ring_dated_other_order", "The order of the entries does not count.", new + old, (both, EQUAL, both))
    yield dated(
        "ring_dated_commas",
        "On one line, with the words in the other order.",
        f"{EQUAL.text} opens-until={time_of(end)} seals-from={time_of(START)},{UP.text}\tseals-from={time_of(switch)}#",
        (both, EQUAL, both),
    )
    yield dated("ring_dated_crlf", "Lines that end with CRLF.", (old + new).replace("\n", "\r\n"), (both, EQUAL, both))
    yield dated(
        "ring_dated_forever",
        "A key that is not the last may open for ever.",
        entry_of(EQUAL, START) + new,
        (both, EQUAL, both),
    )
    yield dated("ring_dated_epoch", "The first time there is.", entry_of(EQUAL, 0), ([EQUAL], EQUAL, [EQUAL]))
    yield dated(
        "ring_dated_last_time",
        "The last time there is.",
        entry_of(EQUAL, START) + entry_of(UP, 253402300799),
        (both, EQUAL, both),
    )
    yield dated(
        "ring_dated_60_seconds_early",
        "The clock may be 60 seconds behind.",
        entry_of(EQUAL, NOW + 60),
        ([EQUAL], EQUAL, [EQUAL]),
    )
    yield dated("ring_dated_not_yet", "No key seals within 60 seconds.", entry_of(EQUAL, NOW + 61) + new, "not_yet")
    three = entry_of(DOWN, NOW + 2 * HOUR)
    yield dated(
        "ring_dated_three",
        "Of two that have passed the later one seals.",
        three + old + new,
        ([EQUAL, UP, DOWN], UP, [EQUAL, UP, DOWN]),
        switch,
    )
    yield dated("ring_dated_mixed", "The second entry has no time.", f"{old}{UP.text}\n", "missing_seals_from")
    yield dated(
        "ring_dated_only_until",
        "The one entry has opens-until alone.",
        f"{EQUAL.text} opens-until={time_of(end)}",
        "missing_seals_from",
    )
    yield dated("ring_dated_same_time", "Two keys seal from one moment on.", old + entry_of(UP, START), "same_time")
    yield dated(
        "ring_dated_until_is_from",
        "opens-until is seals-from.",
        entry_of(EQUAL, START, START) + new,
        "ends_before_it_seals",
    )
    yield dated(
        "ring_dated_ends_at_switch",
        "The old key stops opening when the new one seals.",
        entry_of(EQUAL, START, switch) + new,
        "ends_while_sealing",
    )
    yield dated("ring_dated_last_ends", "The last line is gone: the key that remains ends.", old, "ends_while_sealing")
    yield dated(
        "ring_dated_repeated_id", "The same key again, at another time.", old + entry_of(EQUAL, switch), "repeated"
    )
    yield dated(
        "ring_dated_word_twice",
        "seals-from twice.",
        f"{EQUAL.text} seals-from={time_of(START)} seals-from={time_of(START)}",
        "repeated_word",
    )
    for name, comment, word in (
        ("word_case", "A word in another case.", f"Seals-from={time_of(START)}"),
        ("word_unknown", "A word that is none of the two.", f"opens-from={time_of(START)}"),
        ("word_bare", "A word without an equals sign.", "seals-from"),
        ("word_spaced", "A space before the equals sign.", f"seals-from ={time_of(START)}"),
    ):
        yield dated(f"ring_dated_{name}", comment, f"{EQUAL.text} {word}", "unknown_word")
    for name, comment, time in (
        ("empty", "No time.", ""),
        ("cut", "A time that was cut off.", "2026-09-21T14"),
        ("offset", "An offset in place of Z.", "2026-09-21T14:13:20+00:00"),
        ("fraction", "A fraction of a second.", "2026-09-21T14:13:20.0Z"),
        ("lower_case", "Lower case.", "2026-09-21t14:13:20z"),
        ("no_day", "The 29th of February of no leap year.", "2026-02-29T00:00:00Z"),
        ("leap_second", "A leap second.", "2016-12-31T23:59:60Z"),
        ("midnight", "The hour 24.", "2026-09-21T24:00:00Z"),
        ("before_1970", "A time before 1970.", "1969-12-31T23:59:59Z"),
        ("year_5_digits", "A year of five digits.", "10000-01-01T00:00:00Z"),
    ):
        yield dated(f"ring_dated_time_{name}", comment, f"{EQUAL.text} seals-from={time}\n", "time")


SETS = (
    good,
    tokens,
    envelopes,
    contexts,
    headers,
    times,
    payloads,
    cookies,
    last_seen_cookies,
    tombstones,
    applications,
    forms,
    revocations,
    keys,
    rings,
    dated_rings,
)


def cases():
    """File name to text, of every case."""
    files = {}
    for each in (each for cases_of in SETS for each in cases_of()):
        assert each.file not in files, f"{each.name} is there twice"
        files[each.file] = each.text
    return files


# FORMAT.md §17


def intermediate():
    parts = []
    for key, name in ((EQUAL, "good_xaes"), (UP, "good_xchacha")):
        context = Context(SESSION, NAME)
        sealed = envelope(BASE.raw, key=key)
        nonce = sealed[5:29]
        values = [
            ("key", key.raw),
            ("key text", key.text),
            ("V", sealed[:1]),
            ("I", sealed[1:5]),
            ("N", nonce),
        ]
        if key.algorithm is XAES:
            values += xaes_derive(key.raw, nonce).items()
        else:
            values += [("HChaCha20 key", hchacha20(key.raw, nonce[:16])), ("nonce of 12", bytes(4) + nonce[16:])]
        values += [
            ("A", context.associated(sealed[0], key.id)),
            ("schema", BASE.schema),
            ("id", BASE.id),
            ("started", u32(BASE.started)),
            ("flags", bytes([BASE.flags])),
            ("w", BASE.w),
            ("d", BASE.d),
            ("payload", BASE.payload),
            ("padding", BASE.raw[len(BASE.header) + len(BASE.payload) :]),
            ("P", BASE.raw),
            ("C", sealed[29:-16]),
            ("T", sealed[-16:]),
            ("envelope", sealed),
            ("token", base64url(sealed)),
        ]
        lines = []
        for label, value in values:
            value = value.hex() if isinstance(value, bytes) else value
            rows = [value[i : i + 96] for i in range(0, len(value), 96)]
            lines += [f"{label if i == 0 else '':<14}{row}" for i, row in enumerate(rows)]
        parts.append(
            f"**{key.algorithm.title}** (`{name}.txt`): the cookie `{NAME}`, an empty purpose, started and written at\n"
            f"{BASE.started} by a person who proved who they are, for seven days; the payload is\n"
            '`Visitor { user: Some(42), name: "Ada", roles: ["admin", "author"] }`.\n'
            "\n```text\n" + "\n".join(lines) + "\n```\n"
        )
    return "\n".join(parts)


def read(path):
    return path.read_bytes().decode(errors="backslashreplace")


def check(folder):
    """Compares with what is committed. What differs is named on standard error."""
    expected = {f"{folder.name}/{name}": text for name, text in cases().items()}
    expected["intermediate.md"] = intermediate()
    found = {f"{folder.name}/{path.name}": read(path) for path in sorted(folder.glob("*"))}
    if (HERE / "intermediate.md").exists():
        found["intermediate.md"] = read(HERE / "intermediate.md")
    wrong = 0
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) == found.get(name):
            continue
        wrong += 1
        if name not in found:
            print(f"missing: {name}", file=sys.stderr)
        elif name not in expected:
            print(f"extra:   {name}", file=sys.stderr)
        else:
            print(f"differs: {name}", file=sys.stderr)
            changes = difflib.unified_diff(found[name].splitlines(), expected[name].splitlines(), n=0)
            for line in list(changes)[2:]:
                print(f"    {line.rstrip()[:110]}", file=sys.stderr)
    summary = f"{wrong} of {len(expected)} files are not as written" if wrong else f"{len(expected)} files as written"
    print(summary, file=sys.stderr if wrong else sys.stdout)
    return 1 if wrong else 0


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    files = cases()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    print(f"{len(files)} cases written")


def main(arguments):
    if arguments == ["--check"]:
        return check(HERE / "cases")
    if arguments == ["--intermediate"]:
        sys.stdout.buffer.write(intermediate().encode())
    elif not arguments:
        write(HERE / "cases")
        (HERE / "intermediate.md").write_bytes(intermediate().encode())
    elif len(arguments) == 1 and not arguments[0].startswith("-"):
        write(Path(arguments[0]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
