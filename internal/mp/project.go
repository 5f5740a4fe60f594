package mp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"plaza.internal/plaza/internal/check"
)

// projectManifest is what the project says of itself.
func projectManifest(dir string) (check.Manifest, error) {
	var m check.Manifest
	source, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, wrong(ExitUsage, "no_project", "Go into the project's folder, or name it with --project DIR, or the program with --appid ID.",
			"There is no manifest.json in %s.", shown(dir))
	case err != nil:
		return m, wrong(ExitUsage, "no_project", "", "%v", err)
	}
	if err := json.Unmarshal(source, &m); err != nil {
		return m, wrong(ExitUsage, "manifest_json", "plaza mp check says where.", "%s is not valid: %v", shown(filepath.Join(dir, "manifest.json")), err)
	}
	return m, nil
}

// program is the appid that the command is about.
func (t *tool) program() (string, error) {
	if t.appid != "" {
		return t.appid, nil
	}
	m, err := projectManifest(t.project)
	if err != nil {
		return "", err
	}
	if m.AppID == "" {
		return "", wrong(ExitUsage, "no_appid", "Add app_id to manifest.json, or name the program with --appid ID.", "manifest.json has no app_id.")
	}
	return m.AppID, nil
}

// packed is the zip of a project: of a folder it is made, a zip is taken as it is. The returned function
// removes what was made.
func packed(path string) (file string, clean func(), err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", nil, wrong(ExitUsage, "no_project", "Name a project's folder, or a zip of one.", "%v", err)
	}
	if !info.IsDir() {
		return path, func() {}, nil
	}
	out, err := os.CreateTemp("", "plaza-mp-*.zip")
	if err != nil {
		return "", nil, err
	}
	clean = func() { _ = os.Remove(out.Name()) } // a temporary file; the system removes what is left
	err = errors.Join(check.Folder(path, out), out.Close())
	if err != nil {
		clean()
		return "", nil, wrong(ExitUsage, "bad_folder", "", "%s cannot be packed: %v", shown(path), err)
	}
	return out.Name(), clean, nil
}

// inspect checks the project and writes its bundle to out, unless that is "".
func inspect(ctx context.Context, zip, appid string, policy check.Policy, out string) (check.Report, error) {
	report, err := check.Package(ctx, zip, appid, policy, out)
	if err != nil && ctx.Err() == nil {
		return report, refusedHere(err)
	}
	return report, err
}

// shown is a path as short as it can be said.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if near, err := filepath.Rel(here, full); err == nil && len(near) < len(full) {
		if near == "." {
			return "this folder"
		}
		return near
	}
	return full
}

// size is a number of bytes in words; as the limits of a package count them, a kB is 1024.
func size(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1<<20:
		return fmt.Sprintf("%.1f kB", float64(bytes)/(1<<10))
	default:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	}
}
