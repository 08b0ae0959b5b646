"""What the studio and a training machine agree on. Standard library only; imports nothing of this project."""
