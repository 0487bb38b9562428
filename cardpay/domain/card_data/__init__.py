"""Finding card numbers and security codes in free text, however they are written."""
