"""Which orders to look at twice before they are sent."""
