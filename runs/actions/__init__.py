"""Everything that changes anything: plain functions, one file per noun, each told who acts."""
