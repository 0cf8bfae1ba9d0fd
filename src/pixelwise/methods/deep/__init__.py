"""Networks: one file per shape of answer, never one per network."""
