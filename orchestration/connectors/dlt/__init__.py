"""Any dlt source as a source here: dlt reads it, the lake's own gate and ledger load it.

Reading order: reference (from dlt:MODULE:SOURCE to the source), exact (digits that dlt's readers
would lose), items (what a source yields, as JSON), spool and extract (where it waits for the gate),
state (how far it is read), columns (what changed in them), source (the Connector).
"""
