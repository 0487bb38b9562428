"""Each list as an exported file has it: columns with their types, rows a stretch at a time."""
