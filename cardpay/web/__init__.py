"""HTTP: the routes, the lone receiver, headers and limits of requests."""
