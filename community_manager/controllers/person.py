from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

TYPES = {"json": "application/json; charset=utf-8", "html": "text/html; charset=utf-8"}


class CommunityPerson(http.Controller):
    """A person's data, for those who may give them to the person."""

    @http.route("/community/person/<int:export_id>/<string:form>", type="http", auth="user", methods=["GET"])
    def export(self, export_id, form):
        """Return everything that is kept of a person as a file or as a page.

        :param int export_id: of the ``community.person.export`` this user opened
        :param str form: "json" or "html"
        """
        dialog = request.env["community.person.export"].browse(export_id).exists()
        if form not in TYPES or not dialog or dialog.create_uid != request.env.user:
            raise NotFound()
        content, name = dialog._content(form)
        headers = [("Content-Type", TYPES[form]), ("Cache-Control", "no-store")]
        if form == "json":
            headers.append(("Content-Disposition", content_disposition(name)))
        return request.make_response(content, headers)
