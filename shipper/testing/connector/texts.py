"""Texts of failures: documented as they stand in the connector's own logs, where nothing else is said."""

#: https://learn.microsoft.com/troubleshoot/mem/intune/certificates/troubleshoot-pkcs-certificate-profiles
RPC_UNAVAILABLE = (
    "CCertRequest::Submit: The RPC server is unavailable. 0x800706ba (WIN32: 1722 RPC_S_SERVER_UNAVAILABLE)"
)
DENIED = "The submission failed: Denied by Policy Module"

#: Invented: what a .NET stack looks like below a refused submission.
STACK_TRACE = (
    "   at CERTCLILib.CCertRequestClass.Submit(Int32 Flags, String strRequest, String strAttributes)\r\n"
    "   at Connector.Pki.PkcsRequestProcessor.ProcessAsync(PkcsRequest request)"
)
