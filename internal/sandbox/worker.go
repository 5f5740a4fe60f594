package sandbox

// Main serves and exits when this process was started as a worker, and does nothing otherwise. Call it first
// thing in main and in TestMain.
func Main() {}
