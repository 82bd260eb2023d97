"""An OpenID provider: authorization code with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0, 3.1)."""

import base64
import binascii
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from tracker.people.accounts import Identity

TIMEOUT_S = 5.0
LASTS_S = 3600.0
"""For so long the provider's description and keys are believed without asking again."""
LEEWAY_S = 60
FAILS_FOR_S = 10.0
"""For so long nobody waits again for a provider that was away: whoever isn't logged in could make everybody wait."""
SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Never `none`, and never HS: its key is the client's own secret."""


class ProviderError(Exception):
    """The provider is away, or what it says doesn't prove who somebody is."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows this service as. `username_claim` names the claim that is an account's user name."""

    issuer: str
    client_id: str
    secret: str | None
    redirect_uri: str
    username_claim: str = "preferred_username"


class Departure(NamedTuple):
    """What a browser leaves with and must come back with; it keeps this in a cookie meanwhile."""

    state: str
    nonce: str
    verifier: str
    next_path: str

    @classmethod
    def to(cls, next_path: str) -> Self:
        """A fresh one; `next_path` is where to go after the log-in."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), next_path)

    def packed(self) -> str:
        """As the value of a cookie."""
        return base64.urlsafe_b64encode(json.dumps(self).encode()).decode()

    @classmethod
    def unpacked(cls, value: str) -> Self | None:
        """From the value of a cookie; None if it is none of ours."""
        try:
            parts = json.loads(base64.urlsafe_b64decode(value))
        except (binascii.Error, ValueError):
            return None
        sound = (
            isinstance(parts, list) and len(parts) == len(cls._fields) and all(isinstance(each, str) for each in parts)
        )
        return cls(*parts) if sound else None


class Provider:
    """Found by its issuer (OpenID Connect Discovery 1.0). Its methods block; any thread may call them."""

    def __init__(self, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, Any]] = {}
        self._away: dict[str, tuple[float, ProviderError]] = {}

    def address(self, departure: Departure) -> str:
        """Where to send the browser.

        Raises:
            ProviderError: the provider is away.
        """
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                state=departure.state, nonce=departure.nonce, code_verifier=departure.verifier,
            )  # fmt: skip
        return str(address)

    def identity(self, departure: Departure, code: str) -> Identity:
        """Exchange the code and read the ID token.

        Raises:
            ProviderError: the provider is away or refuses the code, or the token is not for this departure.
        """
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self._metadata()["token_endpoint"], grant_type="authorization_code", code=code,
                    code_verifier=departure.verifier, redirect_uri=self._client.redirect_uri,
                    timeout=TIMEOUT_S, allow_redirects=False,
                )  # fmt: skip
            return self._identity_of(self._claims(token, departure.nonce))
        except (requests.RequestException, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderError(f"{type(error).__name__}: {error}") from error

    def is_issuer(self, issuer: str | None) -> bool:
        """Whether an answer may be this provider's (RFC 9207); one that names no issuer may."""
        return issuer is None or issuer == self._client.issuer

    def _claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        raw = token["id_token"]
        try:
            signed = jwt.decode(raw, self._keys(), algorithms=self._signatures())
        except InvalidKeyIdError:  # a key that is newer than what is remembered
            self._known.pop(self._metadata()["jwks_uri"], None)
            signed = jwt.decode(raw, self._keys(), algorithms=self._signatures())
        client = self._client
        expected = {
            "iss": {"essential": True, "value": client.issuer},
            "aud": {"essential": True, "value": client.client_id},
        }
        about = {"nonce": nonce, "client_id": client.client_id, "access_token": token.get("access_token")}
        claims: dict[str, Any] = CodeIDToken(signed.claims, signed.header, expected, about)
        claims.validate(leeway=LEEWAY_S)  # type: ignore[attr-defined]  # a dict that validates itself
        return claims

    def _identity_of(self, claims: dict[str, Any]) -> Identity:
        name = self._client.username_claim
        username = claims.get(name)
        unproved = name == "email" and claims.get("email_verified") is not True
        if not isinstance(username, str) or not username or unproved:
            raise ProviderError(f"The ID token has no {name} that could be relied on.")
        return Identity(self._client.issuer, str(claims["sub"]), username)

    def _session(self) -> Any:
        client = self._client
        return OAuth2Session(
            client.client_id, client.secret, redirect_uri=client.redirect_uri, scope="openid profile email",
            code_challenge_method="S256", default_timeout=TIMEOUT_S,
        )  # fmt: skip

    def _metadata(self) -> dict[str, Any]:
        issuer = self._client.issuer
        metadata: dict[str, Any] = self._fetched(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if metadata.get("issuer") != issuer:
            raise ProviderError(f"The provider says it is {metadata.get('issuer')!r}, not {issuer!r}.")
        return metadata

    def _signatures(self) -> list[str]:
        offered = self._metadata().get("id_token_signing_alg_values_supported", ["RS256"])
        return sorted(SIGNATURES.intersection(offered))

    def _keys(self) -> KeySet:
        return KeySet.import_key_set(self._fetched(self._metadata()["jwks_uri"]))

    def _fetched(self, url: str) -> Any:
        at, found = self._known.get(url, (-LASTS_S, None))
        if self._clock() - at < LASTS_S:
            return found
        failed_at, why = self._away.get(url, (-FAILS_FOR_S, None))
        if why is not None and self._clock() - failed_at < FAILS_FOR_S:
            raise why
        try:
            answer = requests.get(url, timeout=TIMEOUT_S, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            self._away[url] = (self._clock(), ProviderError(f"{url}: {error}"))
            raise ProviderError(f"{url}: {error}") from error
        self._known[url] = (self._clock(), found)
        return found
