"""The unit of money: planned money is whole fen, and what is nearer than half a fen is the same.

Every step, sum, rounding and tolerance of planned money derives from `CENT`.
"""

from __future__ import annotations

#: The smallest step of money, in yuan.
CENT = 0.01
#: How many steps a yuan has.
CENTS_PER_YUAN = round(1 / CENT)
#: Amounts that differ by less are the same amount.
HALF_CENT = CENT / 2
#: Decimal places of an amount.
MONEY_DIGITS = len(str(CENTS_PER_YUAN)) - 1
#: How a spreadsheet shows an amount.
MONEY_FORMAT = "#,##0" + ("." + "0" * MONEY_DIGITS if MONEY_DIGITS else "")
