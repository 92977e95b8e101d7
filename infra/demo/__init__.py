"""A made-up shop, and a month of files as it would deliver them."""
