"""What may be wrong with a studio, found before somebody else finds it, and how to mend it."""
