"""Formula text between Excel's grammar and LibreOffice's. Plain text work, no UNO."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Iterator, Optional, Tuple

#: Functions Excel's file grammar knows only with the prefix ``_xlfn.`` ([MS-XLSX] 2.2.2).
PREFIXED = frozenset(
    """ACOT ACOTH AGGREGATE ARABIC BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV
    BITAND BITLSHIFT BITOR BITRSHIFT BITXOR CEILING.MATH CHISQ.DIST CHISQ.DIST.RT CHISQ.INV
    CHISQ.INV.RT CHISQ.TEST COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P
    COVARIANCE.S CSC CSCH DAYS DECIMAL ERF.PRECISE ERFC.PRECISE EXPON.DIST F.DIST F.DIST.RT F.INV
    F.INV.RT F.TEST FILTER FLOOR.MATH FORECAST.ETS FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST
    GAMMA.INV GAMMALN.PRECISE GAUSS HYPGEOM.DIST IFNA IFS ISFORMULA ISOWEEKNUM LAMBDA LET
    LOGNORM.DIST LOGNORM.INV MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST
    NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC
    PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI POISSON.DIST QUARTILE.EXC QUARTILE.INC
    RANDARRAY RANK.AVG RANK.EQ RRI SEC SECH SEQUENCE SHEET SHEETS SKEW.P SORT SORTBY STDEV.P
    STDEV.S SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TEXTJOIN UNICHAR UNICODE
    UNIQUE VAR.P VAR.S WEBSERVICE WEIBULL.DIST XLOOKUP XMATCH XOR Z.TEST""".split()
)
_WORD = re.compile(r"[^\W\d][\w.]*")
_TEXTS = re.compile(r"(\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*')")


def pieces(text: str) -> Iterator[Tuple[str, str]]:
    """Split a formula into ("text", …) ("quoted", …) ("bracket", …) ("word", …) ("mark", …)."""
    at = 0
    while at < len(text):
        kind, end = _piece(text, at)
        yield kind, text[at:end]
        at = end


def _piece(text: str, at: int) -> Tuple[str, int]:
    first = text[at]
    if first in "\"'":
        return ("text" if first == '"' else "quoted"), _after_quote(text, at)
    if first == "[":
        return "bracket", _after_bracket(text, at)
    word = _WORD.match(text, at)
    return ("word", word.end()) if word else ("mark", at + 1)


def _after_quote(text: str, at: int) -> int:
    quote, end = text[at], at + 1
    while end < len(text):
        if text[end] == quote:
            if text[end + 1 : end + 2] != quote:
                return end + 1
            end += 1
        end += 1
    return end


def _after_bracket(text: str, at: int) -> int:
    depth = 0
    for end in range(at, len(text)):
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        if not depth:
            return end + 1
    return len(text)


_REFERENCE = re.compile(r"(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w(.])")


def relative_text(text: str, row: int, column: int) -> str:
    """A formula with its relative references as distances: equal for a filled run."""

    def distance(found: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = found.groups()
        across = letters if fixed_column else "[%d]" % (_number(letters) - column)
        down = digits if fixed_row else "[%d]" % (int(digits) - row)
        return "C%sR%s" % (across, down)

    return "".join(
        piece if piece[:1] in "\"'" else _REFERENCE.sub(distance, piece)
        for piece in _TEXTS.split(text)
    )


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value


def has_table(text: str) -> bool:
    """Whether a formula refers to a table by name: ``表[列]`` (the parser cannot read those)."""
    before = ""
    for kind, piece in pieces(text):
        if kind == "bracket" and before == "word":
            return True
        before = kind
    return False


def named(text: str, table: str) -> str:
    """Put the table's name before references without one: ``[@列]`` -> ``表[@列]``."""
    made, before = [], ""
    for kind, piece in pieces(text):
        if kind == "bracket" and before not in ("word", "bracket", "quoted"):
            made.append(table)
        made.append(piece)
        before = kind
    return "".join(made)


def has_bracket(text: str) -> bool:
    """Whether there is a table reference at all, named or not."""
    return any(kind == "bracket" for kind, _ in pieces(text))


def prefixed(text: str) -> str:
    """Excel's shown formula -> its file form (``CONCAT(`` -> ``_xlfn.CONCAT(``)."""
    parts = list(pieces(text))
    following = [piece for _, piece in parts[1:]] + [""]
    return "".join(
        "_xlfn." + piece
        if kind == "word" and after == "(" and piece.upper() in PREFIXED
        else piece
        for (kind, piece), after in zip(parts, following)
    )


def shown_text(text: str) -> str:
    """LibreOffice's print of a formula -> what Excel shows."""
    parts = list(pieces(text.replace("_xlfn.", "").replace("_xlws.", "")))
    following = [piece for _, piece in parts[1:]] + [""]
    made = "".join(
        piece.upper() if kind == "word" and after == "(" else piece
        for (kind, piece), after in zip(parts, following)
    )
    return _plain_truths(made)


_TRUTH = re.compile(r"""("(?:[^"]|"")*")|\b(TRUE|FALSE)\(\)""")


def _plain_truths(text: str) -> str:
    """``TRUE()`` -> ``TRUE``, outside of texts."""
    return _TRUTH.sub(lambda found: found[1] or found[2], text)


def to_calc(text: str) -> str:
    """Excel's grammar -> the one `setFormula` reads (``;`` between arguments, ``$Sheet.A1``)."""
    made, depth = [], 0
    parts = list(pieces(text))
    for at, (kind, piece) in enumerate(parts):
        after = parts[at + 1][1] if at + 1 < len(parts) else ""
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if kind in ("word", "quoted") and after == "!":
            made.append("$" + piece)
        elif kind == "bracket":
            made.append(_this_row(piece).replace("],[", "];["))
        else:
            made.append(_mark_to_calc(piece, depth) if kind == "mark" else piece)
    return "".join(made)


def _this_row(bracket: str) -> str:
    """``[@列]`` as Excel shows it -> ``[[#This Row],[列]]`` as its file says it."""
    inner = bracket[1:-1]
    if not inner.startswith("@"):
        return bracket
    column = inner[1:]
    return "[[#This Row],%s]" % (column if column[:1] == "[" else "[%s]" % column)


def _mark_to_calc(mark: str, depth: int) -> str:
    if mark == "!":
        return "."
    if depth:
        return {",": ";", ";": "|"}.get(mark, mark)
    return ";" if mark == "," else mark


def from_calc(text: str) -> str:
    """What `getFormula` gives -> Excel's grammar; the way back of `to_calc`."""
    made, depth = [], 0
    parts = list(pieces(text))
    for kind, piece in parts:
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if kind == "bracket":
            piece = piece.replace("];[", "],[")
        elif kind == "mark" and piece in ";|":
            piece = ";" if depth and piece == "|" else ","
        made.append(piece)
    return shown_text(_sheets_from_calc("".join(made)))


#: Functions with the same name and arguments in both grammars.
_ALIKE = frozenset(
    """ABS AND AVERAGE CHAR CHOOSE COLUMN COLUMNS COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS DATE DATEVALUE
    DAY EDATE EOMONTH EXACT EXP FALSE FIND HLOOKUP HOUR IF IFERROR INDEX INT ISBLANK ISERROR ISNA
    ISNUMBER ISTEXT LARGE LEFT LEN LN LOWER MATCH MAX MEDIAN MID MIN MINUTE MOD MONTH N NA NOT NOW
    OR POWER PRODUCT RANK REPT RIGHT ROUND ROUNDDOWN ROUNDUP ROW ROWS SECOND SIGN SMALL SQRT
    SUBSTITUTE SUM SUMIF SUMIFS SUMPRODUCT T TEXT TIME TODAY TRIM TRUE UPPER VALUE VLOOKUP WEEKDAY
    YEAR""".split()
)
#: What only the office's parser gets right: tables, arrays, errors, unions, other books.
_HARD = re.compile(r"[\[\]{}#!~|@\n]|Err:")
_CALL = re.compile(r"([\w.]+)\(")
_MARK = re.compile(r"\$?('(?:[^']|'')+'|\w+)\.(?=\$?[A-Z]{1,3}\$?\d)")
_BARE = re.compile(r"(?![A-Za-z]{1,3}\d+$|[RrCc]\d*$)[^\W\d][\w.]*")


@lru_cache(maxsize=1 << 17)  # a book's formulas are read again at every action
def quick(calc: str) -> Optional[str]:
    """`from_calc` for the many formulas whose two forms differ in separators and sheet marks only.

    A hundred times faster than the parser; None when the formula may hold more than that.
    """
    if "'" in calc and _ODD.search(calc):
        return None
    parts = calc.split('"')  # every other part is a text
    for at in range(0, len(parts), 2):
        code = parts[at]
        if _HARD.search(code) or not _ALIKE.issuperset(_CALL.findall(code)):
            return None
        if "." in code:
            code = _MARK.sub(lambda found: sheet_mark(found[1]), code)
        parts[at] = code.replace(";", ",")
    made = '"'.join(parts)
    return _plain_truths(made) if "E()" in made else made


#: A sheet's name with a sign in it that means something outside of names.
_ODD = re.compile("""'[^']*["();][^']*'""")


def sheet_mark(name: str) -> str:
    """A sheet's name, quoted or not, as Excel writes it before a reference."""
    bare = name[1:-1].replace("''", "'") if name[:1] == "'" else name
    return bare + "!" if _BARE.fullmatch(bare) else "'" + bare.replace("'", "''") + "'!"


_NUMBERED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|(?<![\w.\]])(\d\w*)!""")


def quoted_sheets(text: str) -> str:
    """Quote sheet names that begin with a digit, as Excel does (``8月!A1`` -> ``'8月'!A1``)."""
    return _NUMBERED.sub(lambda found: found[1] or "'%s'!" % found[2], text)


_SHEET = re.compile(r"\$?('(?:[^']|'')+'|[^\W\d]\w*)\.(?=\$?[A-Za-z]{1,3}\$?\d)")


def _sheets_from_calc(text: str) -> str:
    """``$Sheet.A1`` -> ``Sheet!A1`` outside of texts."""
    parts = re.split(r'("(?:[^"]|"")*")', text)
    return "".join(p if p[:1] == '"' else _SHEET.sub(r"\1!", p) for p in parts)
