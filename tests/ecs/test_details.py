"""What is read from a payload, in each of its forms. All payloads are synthetic."""

import json
from collections.abc import Callable

import pytest

from shipper.ecs.details import Details, read_details
from shipper.model import Event

MAKE = Callable[..., Event]
GUID = "6f1c2a90-0b1d-4c55-9a53-2f6a6e0c7a11"
FIELDS = {"DeviceId": GUID, "CAName": "ca01\\Issuing", "DiagnosticCode": "0x00000400", "RetryCount": "3"}
CHAIN = (
    'The CA is unreachable. [Exception Message: "DiagnosticException: 0x00000400. The CA is unreachable."]'
    ' [Exception Message: "CCertRequest::Submit: 0x800706BA"]'
)


def of_text(event: MAKE, text: str) -> Details:
    return read_details(event((None, text)))


def assert_is_fields(details: Details) -> None:
    assert details.known["device_id"] == GUID
    assert details.known["ca_name"] == "ca01\\Issuing"
    assert details.code == 0x400
    assert "3" in details.rest.values()


def test_the_metric_envelope_is_read(event: MAKE) -> None:
    details = of_text(event, json.dumps({"Metric": {"Dimensions": FIELDS, "Name": "Upload_Failure", "Value": 0}}))
    assert_is_fields(details)
    assert details.known["metric_name"] == "Upload_Failure"
    assert details.rest == {"RetryCount": "3", "Metric.Value": "0"}


@pytest.mark.parametrize(
    "tree",
    [
        {"metric": {"dimensions": FIELDS}},
        {"Dimensions": FIELDS},
        {"Metric": {"Dimensions": FIELDS, "Unit": None}},
        {"Metric": {"Dimensions": {**FIELDS, "RetryCount": 3}}},
        FIELDS,
        {"Context": FIELDS},
    ],
    ids=["lower case", "no metric", "a further member", "a number", "flat", "another wrapper"],
)
def test_json_is_read_however_it_is_wrapped(event: MAKE, tree: object) -> None:
    assert_is_fields(of_text(event, json.dumps(tree)))


def test_pretty_printed_json_behind_an_apology_is_read(event: MAKE) -> None:
    apology = "The description for Event ID 20102 cannot be found. The following was included:\r\n"
    assert_is_fields(of_text(event, apology + json.dumps(FIELDS, indent=2)))


def test_json_with_a_byte_order_mark_is_read(event: MAKE) -> None:
    assert_is_fields(of_text(event, "\N{ZERO WIDTH NO-BREAK SPACE}" + json.dumps(FIELDS)))


def test_json_that_was_cut_off_yields_its_whole_members(event: MAKE) -> None:
    text = json.dumps({"Metric": {"Dimensions": {**FIELDS, "Response": "long"}}})
    assert_is_fields(of_text(event, text[:-10]))


def test_a_member_whose_escapes_are_broken_is_kept_as_it_is(event: MAKE) -> None:
    assert of_text(event, '"CAName": "ca01\\Issuing", "Path": "C:\\x"').rest == {"Path": "C:\\x"}


def test_named_data_is_read(event: MAKE) -> None:
    assert_is_fields(read_details(event(*FIELDS.items())))


def test_a_payload_under_winlogbeats_name_for_unnamed_data_is_read(event: MAKE) -> None:
    assert read_details(event(("param1", json.dumps(FIELDS)))) == of_text(event, json.dumps(FIELDS))


@pytest.mark.parametrize(
    "text",
    [
        f"Device ID: {GUID}\r\nCA Name: ca01\\Issuing\r\nDiagnostic Code: 0x400\r\nRetry Count: 3",
        f"deviceid={GUID};caname=ca01\\Issuing;diagnosticcode=1024;retrycount=3",
        f"DEVICE_ID = {GUID}, CA-NAME = ca01\\Issuing, diagnostic code = 0X00000400, Retries = 3",
        f"  Device Id :{GUID} ;  Ca Name :ca01\\Issuing; Diagnostic.Code :0x0400;Retry Count :3",
        f"DeviceId={GUID} | CAName='ca01\\Issuing' | DiagnosticCode=0x00000400 | RetryCount=3",
        f'"DeviceId": "{GUID}", "CAName": "ca01\\\\Issuing", "DiagnosticCode": "0x00000400", "RetryCount": 3',
    ],
    ids=["lines", "semicolons", "commas", "any spacing", "bars", "members without an object"],
)
def test_labelled_text_is_read_in_any_spelling(event: MAKE, text: str) -> None:
    assert_is_fields(of_text(event, text))


def test_a_distinguished_name_is_not_taken_apart(event: MAKE) -> None:
    details = of_text(event, f"Device ID: {GUID}, Subject Name: CN=Ada Bassi,OU=Intune, O=Contoso")
    assert details.known == {"device_id": GUID, "subject": "CN=Ada Bassi,OU=Intune, O=Contoso"}


@pytest.mark.parametrize(
    "text",
    [
        "The CA answered: denied.",
        "See https://contoso.example/pki and C:\\Program Files\\Connector",
        "IssuePfx - COMException: System.Runtime.InteropServices.COMException (0x800706BA): CCertRequest::Submit",
    ],
)
def test_prose_with_a_colon_is_no_list_of_pairs(event: MAKE, text: str) -> None:
    details = of_text(event, text)
    assert details.rest == {}
    assert details.message == text


@pytest.mark.parametrize("key", ["CA Name", "CAName", "ca_name", "CA-NAME", "caName", "Issuing CA", "Request.CAName"])
def test_a_key_is_known_by_its_letters(event: MAKE, key: str) -> None:
    assert read_details(event((key, "ca01"))).known == {"ca_name": "ca01"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("failed with 0x00000409 today", 0x409),
        ("failed with 0x0FFFFFFFF", 0x0FFFFFFF),
        ("DiagnosticException: 0x0FFFFFFF.", 0x0FFFFFFF),
        ("failed with 0x409", None),
        ("failed with 0x800706BA", None),
        ("failed at 0x1234567890", None),
        ("id 0x61000002 and A0x00000400B", None),
    ],
)
def test_a_code_in_prose_has_eight_or_nine_digits(event: MAKE, text: str, code: int | None) -> None:
    assert of_text(event, text).code == code


@pytest.mark.parametrize("spelling", ["0x800706BA", "0x800706ba", "2147944122", "-2147023174"])
def test_an_hresult_field_takes_every_spelling(event: MAKE, spelling: str) -> None:
    assert read_details(event(("ErrorCode", spelling))).hresult == 0x800706BA


def test_a_small_error_number_stays_a_detail(event: MAKE) -> None:
    details = read_details(event(("ErrorCode", "5")))
    assert details.hresult is None
    assert details.rest == {"ErrorCode": "5"}


def test_a_code_field_that_holds_no_code_stays_a_detail(event: MAKE) -> None:
    details = read_details(event(("DiagnosticCode", "none")))
    assert details.code is None
    assert details.rest == {"DiagnosticCode": "none"}


def test_the_chain_of_exceptions_is_taken_apart(event: MAKE) -> None:
    details = read_details(event(("DiagnosticText", CHAIN)))
    assert details.message == "The CA is unreachable."
    assert details.exceptions == (
        "DiagnosticException: 0x00000400. The CA is unreachable.",
        "CCertRequest::Submit: 0x800706BA",
    )
    assert (details.code, details.hresult) == (0x400, 0x800706BA)


def test_a_chain_whose_quotes_are_escaped_once_more_is_taken_apart(event: MAKE) -> None:
    details = read_details(event(("DiagnosticText", CHAIN.replace('"', '\\"'))))
    assert details.exceptions[1] == "CCertRequest::Submit: 0x800706BA"


def test_a_chain_that_was_cut_off_yields_what_is_there(event: MAKE) -> None:
    assert of_text(event, CHAIN[:-6]).exceptions[1] == "CCertRequest::Submit: 0x8007"


def test_the_code_of_the_field_wins_over_that_of_the_text(event: MAKE) -> None:
    assert read_details(event(("DiagnosticCode", "0x00000000"), ("DiagnosticText", CHAIN))).code == 0


def test_ids_in_prose_are_taken_after_their_labels_only(event: MAKE) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    details = of_text(event, f"Request {other}: Issuing Pfx certificate for Device ID {GUID} failed, user id '{other}'")
    assert details.known == {"device_id": GUID, "user_id": other}


def test_user_data_is_read_where_there_is_no_event_data(event: MAKE) -> None:
    assert read_details(event(user_data=(("EventXML.DeviceId", GUID),))).known == {"device_id": GUID}


def test_the_rendered_message_is_read_where_the_data_tell_nothing(event: MAKE) -> None:
    assert read_details(event(message=f"Device ID: {GUID}")).known == {"device_id": GUID}
    assert read_details(event(("DeviceId", "data"), message=f"Device ID: {GUID}")).known == {"device_id": "data"}


def test_a_key_that_comes_twice_keeps_both_values(event: MAKE) -> None:
    details = read_details(
        event(("Step", "one"), ("Step", "two"), ("Step", "three"), ("DeviceId", "a"), ("DeviceId", "b"))
    )
    assert details.rest == {"Step": ["one", "two", "three"], "DeviceId": "b"}
    assert details.known == {"device_id": "a"}


def test_nested_json_is_flattened_to_dotted_keys(event: MAKE) -> None:
    tree = {"a": {"b": [1, "two", None, True]}, "c": [{"d": 1}, {"d": 2}], "e": {}, "f": None, "g": ""}
    assert of_text(event, json.dumps(tree)).rest == {"a.b": ["1", "two", "true"], "c.0.d": "1", "c.1.d": "2"}


def test_json_deeper_than_twenty_levels_stays_json_text(event: MAKE) -> None:
    tree: object = "bottom"
    for _ in range(30):
        tree = {"n": tree}
    ((key, value),) = of_text(event, json.dumps(tree)).rest.items()
    assert key.count("n") < 20
    assert isinstance(value, str)
    assert json.loads(value)["n"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"n":1e999,"m":2}', {"n": "1e999", "m": "2"}),
        ('{"n":NaN,"m":2}', {"n": "NaN", "m": "2"}),
        (f'{{"n":{"9" * 5000},"m":2}}', {"n": "9" * 5000, "m": "2"}),
        ('{"n":-0.10,"m":"a\nb"}', {"n": "-0.10", "m": "a\nb"}),
    ],
    ids=["infinite", "not a number", "5000 digits", "raw line feed"],
)
def test_numbers_of_any_size_are_kept_digit_by_digit(event: MAKE, text: str, expected: dict[str, str]) -> None:
    assert of_text(event, text).rest == expected


def test_escaped_lone_surrogates_are_replaced_and_counted(event: MAKE) -> None:
    details = of_text(event, '{"a":"\\ud800x\\udc00","b\\udfff":"c"}')
    assert details.rest == {
        "a": "\N{REPLACEMENT CHARACTER}x\N{REPLACEMENT CHARACTER}",
        "b\N{REPLACEMENT CHARACTER}": "c",
    }
    assert details.replaced == 3


def test_an_unsafe_key_is_made_safe(event: MAKE) -> None:
    details = read_details(event(("a\0b", "1"), ("k" * 40_000, "2"), (" ", "3")))
    assert details.rest == {"ab": "1", "k" * 256: "2", "_": "3"}


def test_a_payload_of_many_keys_is_bounded(event: MAKE) -> None:
    assert len(of_text(event, json.dumps({f"k{n}": "v" for n in range(5000)})).rest) == 1000
