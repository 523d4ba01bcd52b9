package local

// What tests of this package look at.
var DiskName = diskName

// LockName is the name of an object's lock file.
func LockName(base string) string { return lockName(base) }
