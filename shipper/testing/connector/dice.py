"""Chance that can be repeated: everything random in the testing kit comes from one seeded generator."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

_T = TypeVar("_T")

CA_NAME = "ca01.corp.example\\Corp Issuing CA 1"
TEMPLATES = ("IntunePkcsUser", "IntunePkcsDevice", "IntuneWifiUser", "IntuneVpnUser", "IntuneMailSign")
_FIRST_NAMES = ("ada", "bruno", "chiara", "dora", "elena", "fabio", "greta", "ivo", "luca", "maria", "nils", "olga")
_LAST_NAMES = ("bassi", "conti", "ferri", "galli", "keller", "longo", "moretti", "novak", "rossi", "weber", "zanetti")


class Request(msgspec.Struct, frozen=True):
    """A device's request for a certificate, or its revocation."""

    request_id: str
    transaction_id: str
    device_id: str
    user_id: str
    policy_id: str
    template: str
    subject: str
    thumbprint: str
    serial_number: str
    activity_id: str


class Dice:
    """A seeded generator of the things that connector events are about."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (repeatable on purpose; nothing secret)
        self._devices = [self.guid() for _ in range(400)]
        self._users = [self.guid() for _ in range(250)]
        self._policies = [self.guid() for _ in range(8)]

    def guid(self) -> str:
        """Return a random GUID, lower case, without braces."""
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def hexadecimal(self, digits: int) -> str:
        """Return that many upper-case hexadecimal digits."""
        return f"{self._random.getrandbits(4 * digits):0{digits}X}"

    def pick(self, items: Sequence[_T]) -> _T:
        """Return one of the items."""
        return items[int(self._random.random() * len(items))]

    def chance(self, probability: float) -> bool:
        """Return true with that probability, 0..1."""
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def span(self, least_s: float, most_s: float) -> timedelta:
        """Return a span of time between two numbers of seconds, to the microsecond."""
        return timedelta(microseconds=int((least_s + self._random.random() * (most_s - least_s)) * 1_000_000))

    def count(self, mean: float) -> int:
        """Return how many of independent events fall into a span that has ``mean`` of them on average."""
        total, arrivals = self._random.expovariate(1.0), 0
        while total < mean:
            arrivals += 1
            total += self._random.expovariate(1.0)
        return arrivals

    def request(self) -> Request:
        """Return a request of some device under some policy."""
        person = f"{self.pick(_FIRST_NAMES)}.{self.pick(_LAST_NAMES)}{self.between(1, 40)}"
        return Request(
            request_id=self.guid(),
            transaction_id=self.hexadecimal(40),
            device_id=self.pick(self._devices),
            user_id=self.pick(self._users),
            policy_id=self.pick(self._policies),
            template=self.pick(TEMPLATES),
            subject=f"CN={person}@corp.example,OU=Intune,O=Corp Example",
            thumbprint=self.hexadecimal(40),
            serial_number=f"6A{self.hexadecimal(36)}",
            activity_id=self.guid(),
        )
