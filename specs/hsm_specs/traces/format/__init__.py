"""The trace format: lines, records, and open worlds."""
