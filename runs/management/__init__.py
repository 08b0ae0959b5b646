"""Starting and stopping the studio: what the commands do, in small modules. No rules of the domain here."""
