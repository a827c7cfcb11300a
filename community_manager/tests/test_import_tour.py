import base64
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.community_manager.models.listening import community_import_run

from .common import CommunityMixin
from .test_import import as_csv, numbered


@tagged("post_install", "-at_install")
class TestImportTour(CommunityMixin, HttpCase):
    """Importing a file in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_community()

    def test_manager_imports_a_file(self):
        """A manager chooses a file, sees what it becomes, imports it and looks at the result."""
        self.start_tour("/odoo/community-imports", "community_manager_import", login=self.manager.login)
        record = self.env["community.import"].search([("filename", "=", "reviews.csv")])
        self.assertEqual((record.state, record.stored, record.rejected), ("done", 2, 1))

    def test_progress_is_shown(self):
        """The form of a running import follows it to its end without being touched."""
        self.admin.write({"group_ids": [(4, self.env.ref("base.group_system").id)]})
        with patch.object(community_import_run, "BATCH", 10):
            record = (
                self.env["community.import"]
                .with_user(self.admin)
                .create({"file": base64.b64encode(as_csv(numbered(25))), "filename": "large.csv"})
            )
            record.action_start()
            self.assertEqual(record.state, "running")
            self.start_tour(
                f"/odoo/community-imports/{record.id}", "community_manager_import_progress", login=self.admin.login
            )
