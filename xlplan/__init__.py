"""xlplan: an e-commerce team's year, planned in the workbook they already keep.

Importing the package loads nothing heavy: a ribbon click starts a fresh
interpreter, so each action imports what it needs when it runs.
"""

__version__ = "0.3.0"
