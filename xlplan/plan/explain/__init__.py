"""Why a period came out as it did, as numbers that add up and words that follow them."""
