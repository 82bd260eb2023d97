"""What a try to log in counts against."""

import hashlib
import ipaddress

from starlette.requests import HTTPConnection

from tracker.people.throttle import Limit

TRIES_PER_ADDRESS = 5
TRIES_PER_NAME = 50
"""Of one name from anywhere: high, so that nobody locks a supervisor out by guessing badly on purpose."""
TRIES_PER_HOST = 100
"""Of any names from one address: high, since an office may share one."""


def limits(connection: HTTPConnection, username: str) -> tuple[Limit, Limit, Limit]:
    """What a try counts against: the account from here, the account from anywhere, any account from here."""
    host = neighbourhood(address_of(connection))
    return (
        Limit(digest_of(f"here\n{host}\n{username}"), TRIES_PER_ADDRESS),
        Limit(digest_of(f"name\n{username}"), TRIES_PER_NAME),
        Limit(digest_of(f"host\n{host}"), TRIES_PER_HOST),
    )


def neighbourhood(address: str) -> str:
    """The address; of IPv6 its /64, which is what one household gets and can choose any address of."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, ipaddress.IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from; empty if nobody knows."""
    return connection.client.host if connection.client else ""


def digest_of(token: str) -> bytes:
    """What is stored of a token, whose 256 random bits need no slow hash, or of a key. Empty for none."""
    return hashlib.sha256(token.encode()).digest() if token else b""
