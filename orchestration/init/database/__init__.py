"""First contracts from what a database says of itself."""
