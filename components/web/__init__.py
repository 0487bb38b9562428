"""Content policy, caching and deep links."""
