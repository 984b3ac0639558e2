"""Roman numerals, in both directions."""

from __future__ import annotations

from tests.evaluate.service import Service, same


def check_numbers(service: Service) -> None:
    """The answer always has both, number and numeral; 1 to 3999."""
    for number, numeral in ((1, "I"), (9, "IX"), (49, "XLIX"), (944, "CMXLIV"), (3888, "MMMDCCCLXXXVIII")):
        same(f"the answer to {number}", service.answer({"number": number}), {"number": number, "numeral": numeral})
    same("the numeral of 3999", service.answer({"number": 3999})["numeral"], "MMMCMXCIX")


def check_numerals(service: Service) -> None:
    """numeral may be in upper or lower case; the one in the answer is in upper case."""
    for numeral, number in (("MMXXIV", 2024), ("cdxl", 440), ("iv", 4)):
        wanted = {"number": number, "numeral": numeral.upper()}
        same(f"the answer to {numeral}", service.answer({"numeral": numeral}), wanted)


def check_lower_case(service: Service) -> None:
    """With lowercase true the numeral in the answer is in lower case."""
    same("400", service.answer({"number": 400, "lowercase": True}), {"number": 400, "numeral": "cd"})
    same("XC", service.answer({"numeral": "XC", "lowercase": True}), {"number": 90, "numeral": "xc"})
    same("XC, not", service.answer({"numeral": "XC", "lowercase": False}), {"number": 90, "numeral": "XC"})


def check_limits(service: Service) -> None:
    """A number is from 1 to 3999."""
    for number in (0, -7, 4000):
        service.refuse({"number": number})


def check_one_of_both(service: Service) -> None:
    """Both or none of them is refused."""
    service.refuse({})
    service.refuse({"lowercase": True})
    service.refuse({"number": 9, "numeral": "IX"})


def check_unusual_numerals(service: Service) -> None:
    """A numeral that is not written in the usual way is refused."""
    for numeral in ("VIIII", "IC", "VX", "IIX", "MMMM", "ABC"):
        service.refuse({"numeral": numeral})
