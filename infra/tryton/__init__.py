"""A company that does not exist, in a real ERP: Tryton, run in an environment of its own."""
