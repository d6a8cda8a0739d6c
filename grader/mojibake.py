"""Repairs text that was UTF-8 and was once read as Mac Roman or Windows-1252: a dash that became three signs.

Only what decodes to something plausible is touched: French "l’été" and German "Größe" stay.
"""

import re

MAC = {bytes([b]).decode("mac_roman"): b for b in range(0x80, 0x100)}
# Five bytes have no sign in Windows-1252; programs pass them through as control characters.
WINDOWS = {bytes([b]).decode("cp1252", "ignore") or chr(b): b for b in range(0x80, 0x100)}
# What is worth repairing, by the first byte: Latin letters and signs, punctuation and arrows, emoji.
LEADS = {0xC2: 2, 0xC3: 2, 0xE2: 3, 0xEF: 3, 0xF0: 4}
EMOJI = re.compile("[\U0001f000-\U0001faff]")
PLAUSIBLE = re.compile(
    "[\u00a0-\u00ff\u2000-\u2027\u2030-\u205e\u20a0-\u20bf\u20d0-\u20ff\u2100-\u27bf\u2900-\u2bff\ufe0f\ufeff\U0001f000-\U0001faff]"
)


def repair(text: str) -> tuple[str, int]:
    """The text as it was meant, and how many signs were put right."""
    if text.isascii():
        return text, 0
    total = 0
    for table in (MAC, WINDOWS) * 2:  # twice, since some files went wrong twice
        text, number = _by(table, text)
        total += number
    return text, total


def _by(table: dict[str, int], text: str) -> tuple[str, int]:
    parts, at, number = [], 0, 0
    while at < len(text):
        sign, length = _sign(table, text, at)
        parts.append(sign if length else text[at])
        at += length or 1
        number += bool(length)
    return "".join(parts), number


def _sign(table: dict[str, int], text: str, at: int) -> tuple[str, int]:
    """The sign that begins here and how many characters it took; no characters where there is none."""
    lead = table.get(text[at])
    if lead is None:
        return "", 0
    if lead in LEADS:
        found = _decoded(table, text[at : at + LEADS[lead]], b"")
        if len(text[at : at + LEADS[lead]]) == LEADS[lead] and found and PLAUSIBLE.fullmatch(found):
            return found, LEADS[lead]
    # Every emoji begins with a byte that Mac Roman shows as an apple, which many programs drop.
    if lead == 0x9F and table is MAC:
        found = _decoded(table, text[at : at + 3], b"\xf0")
        if found and EMOJI.fullmatch(found):
            return found, 3
    return "", 0


def _decoded(table: dict[str, int], piece: str, before: bytes) -> str:
    try:
        return (before + bytes(table[c] for c in piece)).decode()
    except (KeyError, UnicodeDecodeError):
        return ""
