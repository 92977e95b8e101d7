"""First contracts of a dlt source: what its resources say of themselves, and a sample of each.

Reading order: write (the whole way), sample, hints (types, keys, load semantics).
"""
