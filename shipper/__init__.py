"""Ship Microsoft Intune Certificate Connector events to Elasticsearch as explained ECS documents."""

__version__ = "0.1.0"
