"""What the demo's company sells, and how often in which season."""

from dataclasses import dataclass
from typing import Final

from cardpay.domain.product_rules import Product


@dataclass(frozen=True)
class Sold:
    """A product, how often it is bought in winter and in summer, and how many at once.

    `is_held`: the amount is held on the card at first, and charged once the work is done.
    """

    product: Product
    winter: int
    summer: int
    quantities: tuple[int, ...] = (1,)
    is_held: bool = False


def _of(product_id: str, name: str, pounds: str, currency: str = "gbp") -> Product:
    return Product(product_id, name, round(float(pounds) * 100), currency)


SOLD: Final = (
    Sold(_of("boiler-service", "Annual boiler service", "120.00"), 30, 22),
    Sold(_of("boiler-repair", "Boiler repair visit", "145.00"), 26, 7),
    Sold(_of("thermostat-wireless", "Thermostat, wireless", "89.95"), 9, 6, (1, 1, 1, 2), False),
    Sold(_of("radiator-valve", "Radiator valve", "24.50"), 12, 7, (1, 2, 2, 4, 6)),
    Sold(_of("power-flush", "Power flush, up to 10 radiators", "485.00"), 6, 5),
    Sold(_of("gas-safety-check", "Gas safety check", "75.00"), 8, 10, (1, 1, 1, 2)),
    Sold(_of("consultation", "Consultation at home, one hour", "120.00"), 4, 7),
    Sold(_of("boiler-deposit", "New boiler, deposit", "650.00"), 5, 6),
    Sold(_of("boiler-combi", "Combi boiler 30 kW, fitted", "2385.00"), 4, 3),
    Sold(_of("emergency-call", "Emergency call-out", "195.00"), 12, 2, (1,), True),
    Sold(_of("care-plan", "Heating care plan, one year", "228.00"), 7, 6),
    Sold(_of("heat-pump-survey", "Heat pump survey", "245.00"), 2, 6),
    Sold(_of("hot-water-cylinder", "Hot water cylinder, 170 litres", "895.00"), 1, 2),
    Sold(_of("survey-dublin", "Heating survey, Dublin", "260.00", "eur"), 1, 2),
    Sold(_of("controls-export", "Heating controls, export", "149.00", "usd"), 1, 1, (1, 2, 3)),
)
"""In the catalogue's order."""

PRODUCTS: Final = tuple(one.product for one in SOLD)
