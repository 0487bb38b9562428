"""Who acts, what each role may do, and who somebody signed in is."""
