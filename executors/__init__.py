"""The two executors of the Flow: each unpacks documents, calls photoseek, packs documents."""
