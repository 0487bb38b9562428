"""Tables, engine and queries: where SQLModel lives."""
