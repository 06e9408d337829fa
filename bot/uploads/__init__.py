"""Files that customers send: named, looked into and copied by a child process under limits, never opened by us."""
