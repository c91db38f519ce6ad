"""How many units there are."""
