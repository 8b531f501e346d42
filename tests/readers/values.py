"""Values that files lose: a list by hand, and as many more as are wanted, always the same."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NONCHARACTERS = "".join(
    map(chr, [*range(0xFDD0, 0xFDF0), *(plane + low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF))])
)
PEM = "-----BEGIN PRIVATE KEY-----\nbWFkZS11cA==\n-----END PRIVATE KEY-----\n"
BY_HAND = (
    "",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "'",
    '"',
    "`",
    "\\",
    "\\\\",
    "\\'",
    "'\\",
    '\\"',
    '"\\',
    "\\\n",
    "'\\\n'",
    "it's",
    'a "quoted" word',
    "'single'",
    '"double"',
    "`back`",
    'it\'s "both"',
    "it's `back`",
    'it\'s "all" `three`',
    'say "it\'s"',
    "'\"'\"'",
    "'\\''",
    "''",
    '""',
    '"it\'s"',
    "it's\\",
    "it's \"\\",
    'it\'s "x"',
    "it's\nit's\\",
    "C:\\new\\table",
    "C:\\new\\",
    "two words\\",
    " x\\",
    "x # y\\",
    "$",
    "$$",
    "\\$",
    "$HOME",
    "\\$HOME it's",
    "${HOME}",
    "${HOME",
    "${a:b}",
    "${X:-d}",
    "$HOME ${HOME} $$ ${X:-d} $(id) `id`",
    "%h %% %n",
    "\\n \\t \\x41 \\r \\0 \\' \\\" \\$",
    "it's \\n",
    "# no comment",
    "; no comment",
    "a # b ; c",
    "a#b",
    "it's\t#x",
    "\tbetween tabs\t",
    "   spaces around   ",
    "trailing \t",
    "ends in CR\r",
    "ends in LF\n",
    "a\r\nb\rc",
    "it's\r\n",
    PEM,
    PEM.replace("\n", "\r\n"),
    PEM.replace("\n", "\\n"),
    '{"a": ["b", "c\\n"]}',
    json.dumps({"a": 'made "up"', "b": ["$HOME", "\\n", None], "c": "it's"}),
    json.dumps({"a": 1}, indent=2),
    "\nLD_PRELOAD=/made/up.so\n",
    "x\nEVIL=1\n#",
    "'\nEVIL=1\n'",
    "\"\nEVIL=1\n'",
    "`\nEVIL=1\n`'\"",
    "a=b=c",
    "=",
    "=x=",
    "export A=b",
    "!important! !!",
    "~/x ~root",
    "* ? [a-z] {a,b}",
    "a & b | c > d < e",
    "postgres://made-up:not-a-password@db:5432/x?a=b&c=d#e",
    "Grüß Gott, 漢字, 🦀, \u00a0, \u2028, \ufeff",
    "\ufeffbegins with a byte order mark",
    "\u00a0it's\u00a0",
    "\u3000",
    "\u2028'x'\u2028\\",
    'a\u2028"it\'s" `x`\\',
    "\x85\v\f\x1c\x1d\x1e",
    "\x01\x02\x1b[31m\x7f",
    "".join(map(chr, range(1, 32))) + "\x7f",
    "\ufffd\ud7ff\ue000",
    "a\ufdd0b",
    "\uffff",
    "\U0010ffff",
    "x" * 4096,
    "a" * 8192,
    "it's" * 2000,
)

_ALPHABETS: list[Callable[[random.Random], str]] = [
    lambda dice: dice.choice("ab'\"\\$`!#;&|<>(){}[]*?~=%:- \t\n\r"),
    lambda dice: dice.choice("'\"\\`\n $x#"),
    lambda dice: chr(dice.randrange(1, 0x80)),
    lambda dice: dice.choice("a'\"`\\ \t\v\f\r\n\x85\u00a0\u1680\u2003\u2028\u2029\u3000\ufeff#"),
    lambda dice: chr(dice.choice([dice.randrange(0x80, 0xD800), dice.randrange(0xE000, 0xFDD0), dice.randrange(0x10000, 0x1FFFE)])),
]


def generated(number: int) -> list[str]:
    """Every ASCII character alone and in a word; then awkward characters of one kind, or of all kinds in every mixture."""
    dice = random.Random(252)
    singles = [text for code in range(1, 128) for text in (chr(code), f"x{chr(code)}", f"{chr(code)}x")]
    while len(singles) < number:
        kinds = [dice.choice(_ALPHABETS)] if dice.random() < 0.6 else _ALPHABETS
        singles.append("".join(dice.choice(kinds)(dice) for _ in range(dice.randrange(1, 24))))
    return singles[:number]
