"""The FastAPI application: routes, and what stands around them."""
