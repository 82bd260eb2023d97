"""What a person, a device or an account may be called: it is read in lists, logs and reports."""

import unicodedata

from tracker.errors import KeepClearError

LONGEST = 100
BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They let a name be read as another (Unicode UTR 36, 2.5); letters need none of them."""
NO_CHARACTERS = frozenset("\ufffe\uffff")
"""XML has no way to write them: a GPX or KML file with one could not be read."""
CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})


class NameRefusedError(KeepClearError):
    """A name that can't be used."""


def checked_name(kind: str, text: str) -> str:
    """The name in NFC, without spaces around it; `kind` ("visitor") says whose it is in the error.

    Raises:
        NameRefusedError: it is empty, longer than 100 characters or holds control characters.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not name:
        raise NameRefusedError(f"The name of the {kind} is empty.", "Give at least one character.")
    if len(name) > LONGEST:
        raise NameRefusedError(
            f"The name of the {kind} has {len(name)} characters.", f"Give {LONGEST} characters or fewer."
        )
    if any(unicodedata.category(each) in CONTROLS or each in BIDI_CONTROLS | NO_CHARACTERS for each in name):
        raise NameRefusedError(f"The name {name!r} holds control characters.", "Type it again without them.")
    return name
