"""What `credit` reads with: the words of citing, the names of outlets and bodies, and a text as a row of both."""
