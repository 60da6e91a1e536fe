"""What the carrier is answered."""

from flask import Response


def twiml(document: str) -> Response:
    """`document` as Twilio takes it: XML, and whole.

    The body is bytes in one piece, so that it goes out with its Content-Length: Twilio's client
    has had trouble with chunked answers (error 12100).
    """
    return Response(document.encode(), content_type="text/xml; charset=utf-8")


def nothing() -> Response:
    """For an event that needs no answer."""
    return Response(status=204)
