"""Tryton by its own APIs, as an ERP in the cloud is read: JSON-RPC by a session, REST by a key."""
