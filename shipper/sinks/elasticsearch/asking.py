"""Questions that delivery depends on: whoever asks one repeats it where that may help."""

from shipper.errors import SinkError
from shipper.sinks.elasticsearch.judge import call_for
from shipper.sinks.elasticsearch.server import Answer, Method, Server, Unanswered, forbidden

NOT_FOUND = 404


def answered(server: Server, method: Method, path: str, body: bytes | None = None) -> Answer:
    """Ask, and return the answer: what was asked for, or a 404.

    Raises:
        Unanswered: there is none now, for a reason that may pass.
        AuthenticationError: the credentials or privileges are refused.
        SinkError: it is refused for good.
    """
    answer = server.request(method, path, body)
    if answer.ok or answer.status == NOT_FOUND:
        return answer
    error = answer.error()
    match call_for(error.type, answer.status, error.reason):
        case "stop":
            raise forbidden(server.target, error.reason)
        case "final":
            raise SinkError(f"refuses a question ({error.type}): {error.reason}", where=server.target)
        case _:
            raise Unanswered(f"{error.type}: {error.reason}", delivered=True)
