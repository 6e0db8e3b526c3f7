"""Which names of a payload stand for a field of their own.

No verbatim payload of the connector is public, so a key is compared by its letters and digits alone:
``CA Name``, ``CAName`` and ``ca_name`` are one.
"""

import re
from typing import Literal, TypeAlias

#: What a known key stands for. The last four are no fields: they are read further.
Slot = Literal[
    "device_id",
    "user_id",
    "ca_name",
    "template_name",
    "thumbprint",
    "serial_number",
    "subject",
    "policy_id",
    "upload_state",
    "request_id",
    "transaction_id",
    "code",
    "error",
    "prose",
    "metric_name",
]

_SPELLINGS: dict[Slot, str] = {
    "device_id": "deviceid intunedeviceid manageddeviceid deviceguid",
    "user_id": "userid aaduserid entrauserid azureaduserid intuneuserid userguid userobjectid",
    "ca_name": (
        "caname ca certificationauthority certificationauthorityname certificateauthority certificateauthorityname"
        " issuingca issuingcaname caconfig caconfiguration"
    ),
    "template_name": "certificatetemplatename certificatetemplate templatename template certtemplatename certtemplate",
    "thumbprint": "certificatethumbprint thumbprint certthumbprint issuedcertificatethumbprint",
    "serial_number": "certificateserialnumber serialnumber certserialnumber certificateserial",
    "subject": "subjectname subject certificatesubject certificatesubjectname certsubject",
    "policy_id": "policyid sceppolicyid pkcspolicyid pfxpolicyid certificatepolicyid profileid logicalname",
    "upload_state": "uploadstate",
    "request_id": "requestid certificaterequestid pkcsrequestid",
    "transaction_id": "transactionid sceptransactionid",
    "code": "diagnosticcode diagcode",
    "error": (
        "errorcode hresult error errornumber status statuscode result resultcode returncode lasterror validationresult"
        " validationstatus errorreason failurereason reason"
    ),
    "prose": (
        "diagnostictext diagnosticmessage errordescription errormessage errortext errordetail errordetails exception"
        " exceptionmessage exceptiontext exceptiondetails innerexception message detail details description"
    ),
    "metric_name": "metricname",
}

_SLOT_OF: dict[str, Slot] = {spelling: slot for slot, spellings in _SPELLINGS.items() for spelling in spellings.split()}

#: A flattened field indexes ``key NUL value`` as one term; a key of hostile length must not make the index refuse it.
#: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/flattened.html
MOST_KEY_CHARACTERS = 256
#: What stands for a name that is empty once it is made safe.
NAMELESS = "_"
_MOST_ROUTES = 4096

#: What Winlogbeat calls the n-th Data without a name of its own, by n.
#: https://github.com/elastic/beats/blob/main/winlogbeat/eventlog/eventlog.go (addPairs)
PARAMETERS = tuple(f"param{index}" for index in range(1000))
#: Names that say nothing.
UNNAMED = frozenset(("", "Data", *PARAMETERS))

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


#: Where a key leads: its slot, where it has one, and the name under which its value is kept otherwise. A plain tuple:
#: taking a named one apart costs three times as much, and this is done for every key of every event.
Route: TypeAlias = tuple[Slot | None, str]


class Routes(dict[str, Route]):
    """A cache of routes by raw key: a payload repeats its keys event after event, a hostile one never does."""

    def __missing__(self, key: str) -> Route:
        if len(self) >= _MOST_ROUTES:
            self.clear()
        route = self[key] = slot_of(key), safe_name(key)
        return route


def slot_of(key: str) -> Slot | None:
    """Return what ``key`` stands for in any case, spacing and punctuation, whole or by its last dotted part."""
    if len(key) > MOST_KEY_CHARACTERS:
        return None
    return _SLOT_OF.get(_letters(key)) or _SLOT_OF.get(_letters(key.rpartition(".")[2]))


def safe_name(key: str) -> str:
    """Return ``key`` as a flattened field takes it: not empty, bounded, without NUL."""
    return key.replace("\0", "").strip()[:MOST_KEY_CHARACTERS] or NAMELESS


def _letters(key: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", key).casefold()


#: Shared by all: what it holds depends on nothing but the key.
ROUTES = Routes()
