"""What stands around the routes, from the outside to the inside (`photoseek.gateway.app`)."""
