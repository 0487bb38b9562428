"""The columns of a list: which there are, and which of them a person has chosen to see."""
