"""A thousand profiles and the contacts they may be of, made up from a fixed seed: plain values, no records."""

import random

FIRST = """Ana Luis Marta Jorge Lucía Pablo Núria Iván Elena Sergio Carmen Raúl Inés Óscar Beatriz Andrés Silvia Hugo
Laia Bruno Aitana Nerea Unai Olga Víctor Emma Oliver Sophie James Chloe Thomas Hannah Peter Grace Simon Julia Martin
Felix Clara Mario Luisa""".split()
#: names of which one letter makes another
TWINS = {"Mario": "Maria", "Luisa": "Luis", "Andrés": "Andrea", "Julia": "Julio", "Martin": "Martina", "Clara": "Claro"}
LAST = """García Ruiz Soler Peña Vidal Ferrer Robles Ibáñez Núñez Castaño Urrutia Mendizábal Larrañaga Quiroga Zabala
Pons Rovira Escrivá Belmonte Cañete Hawkins Whitfield Ashworth Pemberton Lindqvist Okafor Nakamura Petrov Schneider
Moretti Kowalski Andersen Castellanos Arizmendi Bustamante Villalobos Etxeberria Olmedo Trujillo""".split()
CITIES = "Madrid Sevilla Bilbao Valencia Zaragoza Oviedo Cádiz Girona".split()
NETWORK = "mastodon"
SERVER = "social.example"


def make_people(seed=6):
    """Return contacts and profiles.

    :returns: (list of contacts, list of profiles): dicts of what :class:`Contact` and :class:`Profile` take; a profile
        also has ``kind``, and ``truth``: the position of its contact in the list, or None
    """
    return _World(seed).make()


class _World:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.contacts, self.profiles = [], []
        self.names = [f"{first} {last}" for first in FIRST for last in LAST]
        self.random.shuffle(self.names)

    def make(self):
        for number in range(200):
            self.true_email(number)
        for number in range(150):
            self.true_handle(number)
        for number in range(80):
            self.true_site(number)
        for number in range(70):
            self.true_name(number)
        for number in range(140):
            self.namesake(number)
        for number in range(140):
            self.shared_mailbox(number)
        for number in range(110):
            self.changed_handle(number)
        for number in range(110):
            self.impersonator(number)
        return self.contacts, self.profiles

    def name(self):
        return self.names.pop()

    def contact(self, name, **values):
        self.contacts.append({"name": name, "city": self.random.choice(CITIES), **values})
        return len(self.contacts) - 1

    def profile(self, kind, truth, handle, **values):
        number = len(self.profiles)
        values = {"network": NETWORK, "realm": SERVER, "external_id": f"id-{number}", "handle": handle, **values}
        self.profiles.append({"kind": kind, "truth": truth, **values})

    def spelt(self, name):
        """Return a name as people write it on a network."""
        first, last = name.split()
        ways = [
            name,
            name,
            name.upper(),
            f"{last}, {first}",
            f"{first} {last[0]}.",
            f"{name} 🌻",
            last[:-1] + last[-1] * 2,
        ]
        ways[-1] = f"{first} {ways[-1]}"  # a letter twice
        return self.random.choice(ways)

    def mail(self, name, host="mail.example"):
        return f"{plain(name).replace(' ', '.')}{len(self.contacts)}@{host}"

    def handle(self, name):
        return f"@{plain(name).replace(' ', '_')}{len(self.profiles)}@{SERVER}"

    # -- who they are ------------------------------------------------------------------------------------------------

    def true_email(self, number):
        name = self.name()
        mail = self.mail(name)
        truth = self.contact(name, email=mail.upper() if number % 7 == 0 else mail)
        shown = "" if number % 10 == 0 else f"sol_{number}" if number % 10 == 1 else self.spelt(name)
        self.profile("true_email", truth, f"@u{number}@{SERVER}", name=shown, email=mail)

    def true_handle(self, number):
        name = self.name()
        handle = self.handle(name)
        typed = f"https://{SERVER}/{handle.rsplit('@', 1)[0]}" if number % 3 == 0 else handle.lstrip("@").upper()
        pinned = {}
        if number % 3 == 1:  # renamed since it was linked
            pinned = {"external_id": f"id-{len(self.profiles)}", "realm": SERVER}
            typed = f"@former{number}@{SERVER}"
        truth = self.contact(name, handles=[{"network": NETWORK, "handle": typed, **pinned}])
        self.profile("true_handle", truth, handle, name=self.spelt(name))

    def true_site(self, number):
        name = self.name()
        site = f"{plain(name).replace(' ', '')}.example"
        truth = self.contact(name, website=f"http://www.{site}")
        self.profile(
            "true_site", truth, f"@s{number}@{SERVER}", name=self.spelt(name), verified_urls=(f"https://{site}/",)
        )

    def true_name(self, number):
        name = self.name()
        truth = self.contact(name, email=self.mail(name))
        city = self.contacts[truth]["city"]
        shown = f"{name} · {city}" if number % 2 else name
        self.profile("true_name", truth, self.handle(name), name=shown)

    # -- who they are not --------------------------------------------------------------------------------------------

    def namesake(self, number):
        name = self.name()
        for _twin in range(number % 3 + 1):
            self.contact(name, email=self.mail(name), website=f"{plain(name).replace(' ', '-')}{number}.example")
        values = {}
        if number % 2:
            values = {"email": f"{plain(name).replace(' ', '')}{number}@elsewhere.example"}
        if number % 5 == 0:
            values["verified_urls"] = (f"https://{plain(name).replace(' ', '')}-{number}.example",)
        self.profile("namesake", None, self.handle(name), name=name, **values)

    def shared_mailbox(self, number):
        name, other = self.name(), self.name()
        house = plain(other).split()[1]
        boxes = ["info", "hotel", "reservas", "contacto", "familia", "recepcion.norte", "hello"]
        if number % 4 == 0:  # several contacts have it
            mail = f"los.{house}{number}@mail.example"
            self.contact(name, email=mail)
            self.contact(f"{self.random.choice(FIRST)} {other.split()[1]}", email=mail)
            shown = other
        elif number % 4 == 1:  # a house's own
            mail = f"{self.random.choice(boxes)}@{house}{number}.example"
            self.contact(name, email=mail)
            shown = self.random.choice([other, "", name.split()[0]])
        elif number % 4 == 2:  # a couple's, of which one is a contact
            mail = self.mail(name)
            self.contact(name, email=mail)
            first = self.random.choice([one for one in FIRST if one != name.split()[0]])
            first = TWINS.get(name.split()[0], first)
            shown = self.random.choice([f"{first} {name.split()[1]}", first, name.split()[1]])
        else:  # a company's
            mail = f"{house}{number}@company{number}.example"
            self.contact(f"{other.split()[1]} {number} SL", email=mail, is_company=True)
            shown = name
        self.profile("shared_mailbox", None, f"@m{number}@{SERVER}", name=shown, email=mail)

    def changed_handle(self, number):
        name, other = self.name(), self.name()
        handle = f"@taken{number}@{SERVER}"
        pinned = {"realm": SERVER, "external_id": f"former-{number}"} if number % 2 else {}
        self.contact(name, handles=[{"network": NETWORK, "handle": handle, **pinned}])
        # who remembers whom a handle belonged to is not fooled by the name either
        self.profile("changed_handle", None, handle, name=name if pinned and number % 4 == 1 else other)

    def impersonator(self, number):
        name = self.name()
        handle = self.handle(name)
        real = {"network": NETWORK, "realm": SERVER, "external_id": f"real-{number}"}
        truth = self.contact(name, email=self.mail(name), handles=[{**real, "handle": handle}] if number % 2 else [])
        self.contacts[truth]["profile"] = {**real, "handle": handle, "name": name}
        pretended = handle.replace("a", "á", 1) if number % 3 == 0 else handle.replace("_", "__", 1)
        if number % 3 == 2:
            pretended = handle.replace(SERVER, "socia1.example")
        self.profile("impersonator", None, pretended, name=name, url=f"https://{SERVER}/{handle.split('@')[1]}")


def plain(text):
    """Return a name in lower case without accents."""
    return text.lower().translate(str.maketrans("áéíóúüñç", "aeiouunc"))
