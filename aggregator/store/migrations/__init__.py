"""How the schema came to be what it is: one file per step, each written once and never changed."""
