"""What can be wrong with a contract, or between a contract and a source."""


class ContractError(Exception):
    """A contract cannot be used: where, why, and what to do. Always one plain line a fault."""


class SourceError(Exception):
    """A source does not fit its contract at all (a required column is missing, say)."""
