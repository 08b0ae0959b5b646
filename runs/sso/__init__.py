"""Single sign-on by OpenID Connect: the provider that the settings name, and what it proves of somebody."""
