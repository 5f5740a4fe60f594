// Package programs is the registry of mini programs: who owns one, which versions it has, which is released.
//
// A version is a package: the bytes of one zip, named by their SHA-256, checked and compiled once at upload.
// The invariant: what runs is what was checked. A version never changes, its files are compared with the
// hashes that the database holds before they are used, and releasing one is a conditional, audited act.
package programs

// Register(app core.App, dist fs.FS, firstParty fs.FS) binds routes and, once the server listens, publishes firstParty.
