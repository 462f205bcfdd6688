"""WTForms: the shape and length of what people send. No look-ups in here; the services decide what is true."""
