"""The files for hosting: the image, the compose file, the lock, the first process."""
