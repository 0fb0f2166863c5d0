"""What happened and where things stand: the record, training progress, the snapshot."""
