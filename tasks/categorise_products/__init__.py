"""Categories of the product taxonomy for products that have none."""
