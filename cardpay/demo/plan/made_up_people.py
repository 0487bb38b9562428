"""People who do not exist: the company's customers, and its staff.

E-mail domains are those that nobody can register (RFC 2606), telephone numbers those that Ofcom
keeps free for fiction ("Telephone numbers for use in TV and radio drama programmes").
"""

import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Final

from cardpay.domain.access.permissions import Role

_FIRST: Final = tuple(
    """
    Aaliyah Abena Adaeze Aiko Aisling Alasdair Amara Anders Anjali Anouk Arjun Astrid Beatriz
    Björn Bronwyn Caoimhe Carys Chidi Chloé Daiyu Darragh Dilys Dmitri Ebru Eilidh Elif Emeka
    Esther Ewa Farah Femi Fergus Fiona Gethin Giulia Gwen Hamza Hanna Harriet Hiroshi Idris
    Imogen Ines Ingrid Ishaan Jakub Jamal Jarek Jasmine Joanna Kamal Kasia Keeley Kenji Kofi
    Kwame Laszlo Leila Lorcan Lucía Magda Malik Maeve Marek Mei Mirela Morag Nadia Niamh Nikos
    Noor Odette Olga Oluwaseun Oscar Padma Parveen Petra Priya Quentin Rafał Rania Rhiannon
    Rosa Rupert Saoirse Sakura Samira Seren Shreya Siân Sofia Tadeusz Tariq Tomos Ursula Usha
    Viktor Wanjiru Winifred Xin Yasmin Yusuf Zainab Zofia
    """.split()
)
_LAST: Final = tuple(
    """
    Abernethy Achebe Adeyemi Ahluwalia Akintola Almeida Appiah Ashworth Balogun Banerjee
    Barraclough Beaumont Bergström Blenkinsop Brzezinski Cadwallader Castellanos Chaudhry
    Cholmondeley Clegg Cwmbran Dąbrowski Desai Dhillon Dubois Dunwoody Ekström Fairclough
    Fashola Featherstone Fforde Fitzwilliam Fujimoto Garside Ghosh Grzelak Gunawardena Haddad
    Hargreave Hathersage Horvath Iqbal Ivanova Jankowski Jaworski Kapoor Karlsson Kaur
    Kettlewell Kowalczyk Lindqvist Llewellyn Lockwood MacAskill Mahlangu Marchetti Mbeki
    McGillivray Mensah Metcalfe Nakagawa Ndiaye Nowak Obuya Ogunleye Oyelaran Papadakis
    Pemberton Petrov Prendergast Quartey Quayle Raghavan Ramsbottom Rasmussen Rowbotham
    Sandoval Satterthwaite Shackleton Siddiqui Sinclair Szymański Takahashi Thistlethwaite
    Thwaite Tomlinson Trevelyan Udoh Umarov Vasquez Venkataraman Wadsworth Waterhouse Wojcik
    Wolstenholme Xu Yamamoto Yardley Zielinski
    """.split()
)
_DOMAINS: Final = ("example.com", "example.net", "mail.example.com", "post.example.net")
# Leeds, Sheffield, London, mobile, and numbers without an area.
_PHONES: Final = ("0113 496 0{:03}", "0114 496 0{:03}", "020 7946 0{:03}", "07700 900{:03}",
                  "01632 960{:03}")  # fmt: skip
_NOTES: Final = (
    "Key with the neighbour at number 12",
    "Ring before you come, please",
    "Boiler is in the loft",
    "Parking behind the house",
    "Dog in the garden",
    "Landlord pays, tenant opens",
    "Second visit, part was on order",
)
CUSTOMERS: Final = 1_400
"""So many customers the demo's company has; some of them buy again and again."""


@dataclass(frozen=True)
class MadeUpPerson:
    """A customer, as staff typed them in; an e-mail or telephone number may be missing."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Colleague:
    """A member of the company's staff, and what they do at the desk."""

    actor_id: str
    name: str
    role: Role


STAFF: Final = (
    Colleague("demo-jreyes", "Jo Reyes", Role.AGENT),
    Colleague("demo-aokonjo", "Ade Okonjo", Role.AGENT),
    Colleague("demo-mlindgren", "Maja Lindgren", Role.AGENT),
    Colleague("demo-hpatel", "Harish Patel", Role.AGENT),
    Colleague("demo-skowalska", "Sylwia Kowalska", Role.AGENT),
    Colleague("demo-tbyrne", "Tara Byrne", Role.SUPERVISOR),
    Colleague("demo-rcampbell", "Rory Campbell", Role.SUPERVISOR),
)
AGENTS: Final = tuple(one for one in STAFF if one.role is Role.AGENT)
SUPERVISORS: Final = tuple(one for one in STAFF if one.role is Role.SUPERVISOR)


def customer(seed: int, number: int) -> MadeUpPerson:
    """The customer with a number, the same in every demo of a seed."""
    chance = Random(f"{seed}/customer/{number}")  # noqa: S311 - repeatable, not secret
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    email = phone = ""
    if chance.random() < 0.86:
        local = _ascii(f"{first}.{last}" if chance.random() < 0.6 else f"{first[0]}.{last}")
        if number >= CUSTOMERS:
            local += str(number)  # among so many people names are not enough
        email = f"{local}@{chance.choice(_DOMAINS)}"
    if chance.random() < 0.9:
        phone = chance.choice(_PHONES).format(chance.randint(0, 999))
    return MadeUpPerson(f"{first} {last}", email, phone)


def note(chance: Random) -> str:
    """What staff noted with an order; mostly nothing."""
    return chance.choice(_NOTES) if chance.random() < 0.12 else ""


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_NOT_COMPOSED))
    return "".join(c for c in plain if c.isascii()).casefold()


_NOT_COMPOSED: Final = str.maketrans({"ł": "l", "Ł": "L", "ø": "o"})
