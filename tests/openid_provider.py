"""An OpenID provider on a port of this machine: discovery, codes, PKCE, signed ID tokens. A test may make it lie."""

import base64
import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Annotated, Any, Self
from urllib.parse import urlencode

import orjson
import uvicorn
from eventually import eventually
from fake_site import free_port
from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "keepclear", "a secret between the two"


def a_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class Lies:
    """What a test changes of the next ID tokens: claims, the key (None: no signature), the header."""

    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: Any = "own"


class OpenIdProvider:
    """`user` is whoever sits before the browser: their claims."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.port = free_port()
        self.issuer = f"http://{host}:{self.port}/realm"
        self.user: dict[str, Any] = {"sub": "u-1", "preferred_username": "anna"}
        self.lies, self.key, self.advertised = Lies(), a_key("first"), {}
        self.codes: dict[str, dict[str, str]] = {}
        self.is_away = False

    def __enter__(self) -> Self:
        config = uvicorn.Config(self.application(), port=self.port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        eventually(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20.0)

    def application(self) -> FastAPI:
        app = FastAPI()
        app.get("/realm/.well-known/openid-configuration")(self.metadata)
        app.get("/realm/keys")(self.keys)
        app.get("/realm/authorize")(self.authorize)
        app.post("/realm/token")(self.token)
        return app

    def metadata(self) -> dict[str, Any]:
        if self.is_away:
            raise HTTPException(503)
        there = {name: f"{self.issuer}/{path}" for name, path in ENDPOINTS.items()}
        return (
            {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256", "HS256"]}
            | there
            | self.advertised
        )

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(
        self, client_id: str, redirect_uri: str, response_type: str, scope: str, state: str, nonce: str,
        code_challenge: str, code_challenge_method: str,
    ) -> RedirectResponse:  # fmt: skip
        assert (client_id, response_type, code_challenge_method) == (CLIENT, "code", "S256")
        assert "openid" in scope.split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = {"challenge": code_challenge, "nonce": nonce, "redirect_uri": redirect_uri}
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state, 'iss': self.issuer})}")

    def token(
        self,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        client: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())],
    ) -> dict[str, Any]:
        given = self.codes.pop(code, None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if given is None or (given["challenge"], given["redirect_uri"]) != (digest, redirect_uri):
            raise HTTPException(400, "invalid_grant")
        if (client.username, client.password) != (CLIENT, SECRET):
            raise HTTPException(401, "invalid_client")
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.id_token(given["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **self.user}
        claims = {name: value for name, value in (usual | self.lies.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.lies.header
        if self.lies.key is None:
            parts = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in (header, claims)]
            return ".".join([*parts, ""])
        key = self.key if self.lies.key == "own" else self.lies.key
        return jwt.encode(header, claims, key, algorithms=["RS256", "HS256"])


ENDPOINTS = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
SHARED_KEY = OctKey.import_key(SECRET)
