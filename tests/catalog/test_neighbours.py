"""The sources of ``--channels neighbours``."""

from shipper.catalog import load

NEIGHBOURS = load().neighbours


def test_the_sources_are_those_of_the_design() -> None:
    assert {(source.channel, source.provider, source.ids) for source in NEIGHBOURS} == {
        ("Application", "NDESConnector", ()),
        ("Application", "Microsoft-Windows-NetworkDeviceEnrollmentService", ()),
        ("Application", "PKICertificateConnectorSvc", ()),
        ("Application", "PFXCertificateConnectorSvc", ()),
        ("Application", "PkiRevokeConnectorSvc", ()),
        ("Microsoft-AzureADConnect-AgentUpdater/Admin", None, ()),
        ("System", "Microsoft-Windows-Eventlog", (104,)),
        ("Security", "Microsoft-Windows-Eventlog", (1102,)),
        ("System", "Service Control Manager", (7031, 7034, 7036)),
    }


def test_service_control_is_about_the_connectors_services_alone() -> None:
    (control,) = (source for source in NEIGHBOURS if source.services)
    assert control.provider == "Service Control Manager"
    assert "PFXCertificateConnectorSvc" in control.services
    assert "PFX Create Certificate Connector for Microsoft Intune" in control.services
