# Open to everyone who has the key, by a name of your own and HTTPS.
host_name     = "photos.example.org"
allowed_cidrs = ["0.0.0.0/0", "::/0"]
