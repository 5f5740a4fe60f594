package weapp

import (
	"net/http"

	"plaza.internal/plaza/internal/refusal"
)

// Caps on a project, so that compiling one is bounded work.
const (
	MaxFiles          = 5_000    // files of one project
	MaxFileBytes      = 8 << 20  // one file
	MaxSourceBytes    = 1 << 20  // one file that is compiled (wxml, wxss, wxs, json)
	MaxScriptBytes    = 4 << 20  // one script (js, ts): a game brings its engine in one
	MaxTotalBytes     = 64 << 20 // all files together
	MaxFunctionBytes  = 4 << 20  // one cloud function, compiled, with the packages that it requires
	MaxFunctionsBytes = 24 << 20 // all cloud functions
	MaxPathBytes      = 512      // one path
	MaxNesting        = 200      // elements inside each other, or brackets in one template
	MaxElements       = 5_000    // elements of one template; the template compiler fails from some 2,000 on
	MaxArchiveBytes   = 32 << 20 // a zip, as it is sent
	MaxInflation      = 200      // how many times larger than its entry a file may become
	MaxFindings       = 500      // findings kept; the rest is only counted
	wasmMemoryPages   = 4_096    // 256 MiB of 64 KiB pages for the template compiler
	inflationLenient  = 1 << 20  // a file up to this size may be of any ratio: white space packs well
)

var (
	// ErrTooManyFiles refuses a project of more than MaxFiles files.
	ErrTooManyFiles = refusal.New(http.StatusRequestEntityTooLarge, "too_many_files", "The project has too many files.")
	// ErrFileTooLarge refuses a file over its cap; data.file names it.
	ErrFileTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "file_too_large", "A file of the project is too large.")
	// ErrProjectTooLarge refuses a project over MaxTotalBytes, or an archive over MaxArchiveBytes.
	ErrProjectTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "project_too_large", "The project is too large.")
	// ErrArchiveBomb refuses an archive that grows out of proportion when it is unpacked.
	ErrArchiveBomb = refusal.New(http.StatusRequestEntityTooLarge, "archive_bomb", "The archive grows too much when unpacked.")
	// ErrBadArchive refuses what is not a readable zip.
	ErrBadArchive = refusal.New(http.StatusBadRequest, "bad_archive", "The file is not a readable zip archive.")
	// ErrBadPath refuses a path that leaves the project, or that two files share; data.file names it.
	ErrBadPath = refusal.New(http.StatusBadRequest, "bad_path", "The project has a file with a path that is not allowed.")
	// ErrNotRegular refuses links and devices in an archive.
	ErrNotRegular = refusal.New(http.StatusBadRequest, "not_a_regular_file", "The archive holds a link or a device.")
	// ErrCompileTimeout refuses a project that is not compiled when the context's deadline comes.
	ErrCompileTimeout = refusal.New(http.StatusUnprocessableEntity, "compile_timeout", "The project took too long to compile.")
)
