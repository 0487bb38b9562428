"""Shell, navigation, session state, sign-in, and access to the desk."""
