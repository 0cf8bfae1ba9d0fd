"""The call shapes of other libraries on this engine."""
