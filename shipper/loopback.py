"""Which hosts are this machine: what goes to them in clear text leaves it on no network."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Say whether ``host``, a name or an address without brackets, is this machine; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
