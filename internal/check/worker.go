package check

import "context"

// Main serves and exits when this process was started as a compile worker, and does nothing otherwise. Call
// it first thing in main and in TestMain.
func Main() {}

// Package checks the zip at path, which an author sent for appid ("" takes whatever the manifest says), and
// when it passes writes the compiled bundle to the file out ("" only checks). What is wrong with the package
// is in the report, also when it is no readable archive; an error is a refusal of this package that the
// worker ended with, or the end of ctx.
func Package(ctx context.Context, path, appid string, policy Policy, out string) (Report, error) {
	_, _, _, _ = path, appid, policy, out
	return Report{}, ctx.Err()
}
