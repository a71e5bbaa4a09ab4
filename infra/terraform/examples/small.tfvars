# Some ten thousand photos, a few people: two arm64 processors, 8 GiB.
instance_type = "t4g.large"
