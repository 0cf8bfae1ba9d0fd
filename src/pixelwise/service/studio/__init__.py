"""The studio page: every family, method and network on one's own pictures, videos and volumes."""
