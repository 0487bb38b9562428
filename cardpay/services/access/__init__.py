"""Sign-in sessions and refused acts."""
