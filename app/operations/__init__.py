"""What the operator runs: up, demo, doctor and user care."""
