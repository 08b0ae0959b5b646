"""One file that holds a whole studio, written while it is in use, and the way back."""
