"""The keyed hashes by which people are found: numbers, names and telephones are never compared in the open."""

from gongzhi.foundation.people import hashing
from gongzhi.registers.residents import numbers, values

OF_COUNTRIES = ("passport", "taiwan_pass")  # whose numbers two countries, or two issuers, may give twice
NUMBER, NAME, PHONE = "resident-number", "resident-name", "resident-phone"


def number_key(number: str, document: str, nationality: str = "") -> str:
    """Return what is hashed of a document: passports of two countries may have one number."""
    return f"{document}:{nationality.upper()}:{number}" if document in OF_COUNTRIES else number


def number_hash(number: str, document: str, nationality: str = "") -> bytes:
    """Return the hash to keep of a number."""
    return hashing.keyed_hash(number_key(number, document, nationality), NUMBER)


def number_hashes(number: str, document: str, nationality: str = "") -> list[bytes]:
    """Return the hashes to look for of a number."""
    return hashing.keyed_hashes(number_key(number, document, nationality), NUMBER)


def any_number_hashes(text: str, nationalities: tuple[str, ...] = ()) -> list[bytes]:
    """Return the hashes to look for of a number whose document is not said: as each document that has such a form; raise BadNumber where none has.

    A passport's hash holds its country, so those of `nationalities` are tried.
    """
    found: list[bytes] = []
    for document in numbers.FORMS:
        try:
            number = numbers.read(text, document)
        except numbers.BadNumber:
            continue
        for nationality in ("", *nationalities) if document in OF_COUNTRIES else ("",):
            found += number_hashes(number.number, document, nationality)
    if not found:
        raise numbers.BadNumber("form")
    return list(dict.fromkeys(found))


def name_hash(name: str) -> bytes:
    """Return the hash to keep of a name."""
    return hashing.keyed_hash(values.name_key(name), NAME)


def name_hashes(name: str) -> list[bytes]:
    """Return the hashes to look for of a name."""
    return hashing.keyed_hashes(values.name_key(name), NAME)


def phone_hash(phone: str) -> bytes:
    """Return the hash to keep of a telephone number."""
    return hashing.keyed_hash(phone, PHONE)


def phone_hashes(phone: str) -> list[bytes]:
    """Return the hashes to look for of a telephone number."""
    return hashing.phone_hashes(phone, PHONE)


SEALED_AS = {"name": "resident-name", "number": "resident-number", "phone": "resident-phone", "origin": "resident-origin"}
