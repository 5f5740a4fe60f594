package check

import (
	"net/http"

	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrBadPolicy refuses a policy that cannot be applied; data.path says where.
	ErrBadPolicy = refusal.New(http.StatusBadRequest, "bad_policy", "The policy is not valid.")
	// ErrFailed tells that the compiler broke on the package.
	ErrFailed = refusal.New(http.StatusUnprocessableEntity, "compile_failed", "The compiler stopped on this package.")
	// ErrTimeout tells that the package was not compiled in time.
	ErrTimeout = refusal.New(http.StatusUnprocessableEntity, "compile_timeout", "The package took too long to check and compile.")
	// ErrMemory tells that the compiler wanted more memory than a worker has.
	ErrMemory = refusal.New(http.StatusUnprocessableEntity, "compile_memory", "The package needs too much memory to compile.")
	// ErrBundleTooLarge tells that the compiled bundle is over what a worker may write.
	ErrBundleTooLarge = refusal.New(http.StatusUnprocessableEntity, "bundle_too_large", "The compiled program is too large.")
	// ErrFolder refuses a folder that cannot be packed for upload.
	ErrFolder = refusal.New(http.StatusBadRequest, "bad_folder", "The folder cannot be packed.")
)
