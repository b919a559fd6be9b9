"""Results: events, findings, failures and verdicts."""
