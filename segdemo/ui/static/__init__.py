"""A page that needs no server: a folder of files in which the visitor's own browser runs the networks."""
