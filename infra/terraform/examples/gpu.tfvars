# Indexing in bulk: one NVIDIA L4 beside four processors, 16 GiB. Go back to another type afterwards.
instance_type = "g6.xlarge"
