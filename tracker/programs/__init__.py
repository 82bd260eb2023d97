"""Programs that we run as children: private directories, start and stop, restart."""
