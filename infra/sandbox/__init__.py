"""The systems of a company that is made up, for the demo and for tests."""
