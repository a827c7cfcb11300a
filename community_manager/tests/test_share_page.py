from odoo.tests import tagged

from .http_common import CommunityHttpCase

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestSharePage(CommunityHttpCase):
    """The page of an advocate: their texts, their link, in their language, for whoever has the key and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_ES")
        cls.ana = cls.env["res.partner"].create({"name": "Ana Vega", "lang": "es_ES"})
        person = cls.env["community.influencer"].create({"partner_id": cls.ana.id, "role": "advocate"})
        texts = [(0, 0, {"text": "See <b>this</b>", "lang": "en_US"}), (0, 0, {"text": "Vea esto", "lang": "es_ES"})]
        image = cls.env["ir.attachment"].create({"name": "lamp.png", "datas": PICTURE, "mimetype": "image/png"})
        cls.kit = cls.env["community.share.kit"].create(
            {"name": "Lamps", "url": "/lamps", "disclosure": "#ad", "line_ids": texts, "image_ids": [(6, 0, image.ids)]}
        )
        cls.referral = cls.kit._give(person)

    def page(self, address="", **values):
        return self.url_open(f"/community/share/{self.referral.token}{address}", **values)

    def test_it_speaks_their_language_and_holds_their_link(self):
        page = self.page()
        self.assertEqual(page.status_code, 200)
        self.assertIn('lang="es-ES"', page.text)
        self.assertIn(f"Vea esto {self.referral.short_url} #ad", page.text)
        self.assertIn(self.referral.code, page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["X-Frame-Options"], "DENY")
        english = self.page("?lang=en_US").text
        self.assertIn("See &lt;b&gt;this&lt;/b&gt;", english)

    def test_pictures_of_the_kit_alone(self):
        picture = self.page(f"/picture/{self.kit.image_ids.id}")
        self.assertEqual((picture.status_code, picture.headers["Content-Type"]), (200, "image/png"))
        secret = self.env["ir.attachment"].create({"name": "secret.png", "datas": PICTURE})
        self.assertEqual(self.page(f"/picture/{secret.id}").status_code, 404)

    def test_a_revoked_or_wrong_key_opens_nothing(self):
        address = f"/community/share/{self.referral.token}"
        self.assertEqual(self.url_open(address[:-1] + ("A" if address[-1] != "A" else "B")).status_code, 404)
        self.referral.action_revoke()
        page = self.url_open(address)
        self.assertEqual(page.status_code, 404)
        self.assertNotIn("Lamps", page.text)
        self.assertEqual(self.page(f"/picture/{self.kit.image_ids.id}").status_code, 404, "nor does the new key")

    def test_when_it_is_over_it_says_so(self):
        self.kit.write({"date_start": "2020-01-01", "date_end": "2020-02-01"})
        page = self.page("?lang=en_US")
        self.assertIn("This is over", page.text)
        self.assertNotIn("See &lt;b&gt;", page.text)

    def test_whoever_follows_the_link_is_counted_and_arrives(self):
        path = self.referral.short_url.partition("/r/")[2]
        answer = self.url_open(f"/r/{path}", allow_redirects=False)
        self.assertEqual(answer.status_code, 301)
        self.assertIn("utm_source=word-of-mouth-", answer.headers["Location"])
        self.env.invalidate_all()
        self.assertEqual(self.referral.click_count, 1)
