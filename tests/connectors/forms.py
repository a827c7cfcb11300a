"""Reading forms that carry files, as servers do."""

from email.parser import BytesParser
from email.policy import HTTP


def parse_form(request):
    """Return ``{name: (file name or None, mimetype, bytes)}`` of a prepared request with a form (RFC 7578)."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    assert message.is_multipart(), "no form"
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        fields[name] = (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
    return fields
