# A million photos, many people: eight x86-64 processors with fast bfloat16, 32 GiB.
instance_type    = "m7i.2xlarge"
volume_gigabytes = 50
log_days         = 30
