"""The identity provider: the only code that speaks OpenID Connect."""
