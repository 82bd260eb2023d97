"""Whether a server may listen on a port, and if not, why and what to do."""

import errno
import socket

from tracker.errors import ServiceError


def require_free(host: str, port: int, *, host_setting: str, port_setting: str) -> None:
    """Raises `ServiceError` when nothing of ours could listen on `host`:`port` now; 0 is any port.

    `host_setting` and `port_setting` name what the operator changes, such as KEEPCLEAR_HTTP_PORT.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise _refused(error, f"{host}:{port}", host_setting, port_setting) from error


def _refused(error: OSError, address: str, host_setting: str, port_setting: str) -> ServiceError:
    match error.errno:
        case errno.EADDRINUSE:
            what, do = f"{address} is taken by another program.", f"Stop that program, or set {port_setting}."
        case errno.EACCES:
            what = f"This user may not open {address}."
            do = f"Set {port_setting} to 1024 or above; a proxy in front can take the lower one."
        case _:
            what = f"{address} can't be opened ({error.strerror or error})."
            do = f"Set {host_setting} to an address of this machine."
    return ServiceError(what, do)
