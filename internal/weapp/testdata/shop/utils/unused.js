this is not reachable and not JavaScript
