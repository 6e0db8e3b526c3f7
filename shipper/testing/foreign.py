"""Events that are none of the connector's: what else stands in the logs of a Windows server. Synthetic."""

from collections.abc import Iterator
from datetime import datetime

from shipper.testing.connector.dice import Dice
from shipper.testing.connector.events import LEGACY_CHANNEL, OPERATIONAL_CHANNEL
from shipper.testing.evtx_writer import EventSpec, Value, guid, hex64, sid, u32

SECURITY_GUID = "{54849625-5478-4994-a5ba-3e3b0328c30d}"
SYSMON_GUID = "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"
_VOCABULARY = (
    "account after agent backup cache catalog certificate check cluster component configuration connection controller"
    " database deployment device directory disk domain driver engine enrollment environment error exchange failover"
    " feature file filter folder gateway group handle health identity index installer interface inventory kernel key"
    " layer license listener logon manager memory module monitor network object operation package parameter partition"
    " path performance permission policy port process profile protocol provider proxy query queue record recovery"
    " registry repository request resource response restart retention role schedule schema scope security server"
    " service session setting shadow share snapshot socket state storage stream subnet subscription system table task"
    " template thread ticket timeout token trace transaction update upgrade user value version volume wizard zone"
)
_WORDS = _VOCABULARY.split()
_PROGRAMS = ("svchost", "services", "lsass", "powershell", "wsmprovhost", "msiexec", "w3wp", "taskhostw", "mmc", "cmd")


def application(host: str, at: datetime, dice: Dice) -> EventSpec:
    """Make an entry of the Application log; a few quote a connector channel by name, as foreign events may."""
    provider = dice.pick(
        ("MsiInstaller", "ESENT", "Windows Error Reporting", "VSS", "Wlclntfy", "SceCli", "BackupAgent")
    )
    text = sentence(dice, 18)
    if dice.chance(0.02):
        text = f"Log size policy read for {dice.pick((LEGACY_CHANNEL, OPERATIONAL_CHANNEL))}. {text}"
    return EventSpec(
        provider=provider,
        event_id=dice.between(100, 1300),
        channel="Application",
        computer=host,
        time=at,
        data=((None, text), (None, dice.guid())),
        qualifiers=0,
        level=dice.pick((4, 4, 4, 3, 2)),
    )


def neighbour(host: str, at: datetime, dice: Dice) -> EventSpec:
    """Make an entry that the unified connector's service leaves in the Application log."""
    return EventSpec(
        provider="PKICertificateConnectorSvc",
        event_id=0,
        channel="Application",
        computer=host,
        time=at,
        data=((None, dice.pick(("Service started successfully.", "Service stopped successfully."))),),
        qualifiers=0,
    )


def logon(host: str, at: datetime, dice: Dice) -> EventSpec:
    """Make a Security 4624 with the fields that Windows gives it."""
    return EventSpec(
        provider="Microsoft-Windows-Security-Auditing",
        event_id=4624,
        channel="Security",
        computer=host,
        time=at,
        data=tuple(_logon_data(dice)),
        provider_guid=SECURITY_GUID,
        version=2,
        level=0,
        task=12544,
        opcode=0,
        keywords=0x8020000000000000,
        process_id=712,
        thread_id=dice.between(100, 9000),
        activity_id=dice.guid(),
    )


def process_start(host: str, at: datetime, dice: Dice) -> EventSpec:
    """Make a Sysmon 1 with a command line of some words."""
    return EventSpec(
        provider="Microsoft-Windows-Sysmon",
        event_id=1,
        channel="Microsoft-Windows-Sysmon/Operational",
        computer=host,
        time=at,
        data=tuple(_process_data(at, dice)),
        provider_guid=SYSMON_GUID,
        version=5,
        task=1,
        opcode=0,
        keywords=0x8000000000000000,
        process_id=2404,
        thread_id=3308,
        user_sid="S-1-5-18",
    )


def sentence(dice: Dice, words: int) -> str:
    """Return that many words of an administrator's vocabulary."""
    return " ".join(dice.pick(_WORDS) for _ in range(words)).capitalize() + "."


def _logon_data(dice: Dice) -> Iterator[tuple[str, str | Value]]:
    machine = f"{dice.pick(_WORDS).upper()}{dice.between(1, 99)}$"
    account = f"S-1-5-21-3623811015-3361044348-30300820-{dice.between(1000, 9000)}"
    yield "SubjectUserSid", sid("S-1-5-18")
    yield "SubjectUserName", machine
    yield "SubjectDomainName", "CORP"
    yield "SubjectLogonId", hex64(0x3E7)
    yield "TargetUserSid", sid(account)
    yield "TargetUserName", f"{dice.pick(_WORDS)}.{dice.pick(_WORDS)}"
    yield "TargetDomainName", "CORP"
    yield "TargetLogonId", hex64(dice.between(0x10000, 0xFFFFFFF))
    yield "LogonType", u32(dice.pick((2, 3, 3, 3, 5, 10)))
    yield "LogonProcessName", dice.pick(("Kerberos", "Advapi  ", "NtLmSsp "))
    yield "AuthenticationPackageName", dice.pick(("Kerberos", "Negotiate", "NTLM"))
    yield "WorkstationName", machine.rstrip("$")
    yield "LogonGuid", guid(dice.guid())
    yield "TransmittedServices", "-"
    yield "LmPackageName", "-"
    yield "KeyLength", u32(0)
    yield "ProcessId", hex64(dice.between(0x100, 0x4000))
    yield "ProcessName", f"C:\\Windows\\System32\\{dice.pick(_PROGRAMS)}.exe"
    yield "IpAddress", f"10.20.{dice.between(0, 255)}.{dice.between(1, 254)}"
    yield "IpPort", str(dice.between(49152, 65535))


def _process_data(at: datetime, dice: Dice) -> Iterator[tuple[str, str | Value]]:
    image = f"C:\\Program Files\\{dice.pick(_WORDS).capitalize()}\\{dice.pick(_PROGRAMS)}.exe"
    yield "RuleName", "-"
    yield "UtcTime", at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    yield "ProcessGuid", guid(dice.guid())
    yield "ProcessId", u32(dice.between(400, 30000))
    yield "Image", image
    yield "Description", sentence(dice, 5)
    yield "CommandLine", f'"{image}" --{dice.pick(_WORDS)} {sentence(dice, 12)} --{dice.pick(_WORDS)} {dice.guid()}'
    yield "CurrentDirectory", "C:\\Windows\\system32\\"
    yield "User", f"CORP\\{dice.pick(_WORDS)}"
    yield "LogonGuid", guid(dice.guid())
    yield "IntegrityLevel", dice.pick(("System", "High", "Medium"))
    yield "Hashes", f"SHA256={dice.hexadecimal(64)},IMPHASH={dice.hexadecimal(32)}"
    yield "ParentImage", f"C:\\Windows\\System32\\{dice.pick(_PROGRAMS)}.exe"
    yield "ParentCommandLine", f"C:\\Windows\\System32\\{dice.pick(_PROGRAMS)}.exe -k {sentence(dice, 6)}"
