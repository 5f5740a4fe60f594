package check

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// maxLargest is how many of the largest files a report names.
const maxLargest = 10

// sizes measures the files against the limits of the policy.
func (i *inspector) sizes(config weapp.Config) {
	limits, s := i.policy.Limits, &i.report.Sizes
	for _, sub := range config.Subpackages {
		if len(s.Subpackages) < weapp.MaxFindings {
			s.Subpackages = append(s.Subpackages, SubpackageSize{Root: i.root + strings.TrimSuffix(sub.Root, "/")})
		}
	}
	for _, file := range i.names {
		size := int64(len(i.files[file]))
		s.Files++
		s.Total += size
		s.Largest = append(s.Largest, FileSize{File: file, Bytes: size})
		if size > int64(limits.FileBytes) {
			i.fail("file_too_large", file, spot{}, "The file has %s; the limit is %s.", bytesOf(int(size)), bytesOf(limits.FileBytes))
		}
		if sub := subpackageOf(s.Subpackages, file); sub != nil {
			sub.Bytes += size
			sub.Files++
		} else if i.functions == "" || !strings.HasPrefix(file, i.functions) {
			s.Main += size
		}
	}
	slices.SortFunc(s.Largest, func(a, b FileSize) int { return cmp.Or(-cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(a.File, b.File)) })
	s.Largest = slices.Clone(s.Largest[:min(maxLargest, len(s.Largest))])
	i.limit("too_many_files", "the package", "files", int64(s.Files), limits.Files)
	i.limit("package_too_large", "everything together, unpacked,", "", s.Total, limits.TotalBytes)
	i.limit("package_too_large", "the main package, unpacked,", "", s.Main, limits.MainBytes)
	for _, sub := range s.Subpackages {
		i.limit("package_too_large", "the subpackage "+sub.Root+", unpacked,", "", sub.Bytes, limits.MainBytes)
	}
}

func (i *inspector) limit(code, what, unit string, size int64, limit int) {
	if size <= int64(limit) {
		return
	}
	has, most := bytesOf(int(size)), bytesOf(limit)
	if unit != "" {
		has, most = fmt.Sprint(size, " ", unit), fmt.Sprint(limit, " ", unit)
	}
	largest := ""
	if unit == "" && len(i.report.Sizes.Largest) > 0 {
		first := i.report.Sizes.Largest[0]
		largest = fmt.Sprintf(" The largest file is %s with %s.", first.File, bytesOf(int(first.Bytes)))
	}
	i.fail(code, "", spot{}, "%s has %s; the limit is %s.%s", strings.ToUpper(what[:1])+what[1:], has, most, largest)
}

func subpackageOf(all []SubpackageSize, file string) *SubpackageSize {
	for n := range all {
		if root := all[n].Root; root != "" && strings.HasPrefix(file, root+"/") {
			return &all[n]
		}
	}
	return nil
}

// bytesOf is a number of bytes as people read it.
func bytesOf(n int) string {
	switch {
	case n >= 1<<20:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/(1<<20)), ".0") + " MB"
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// archives are names of files that hold other files: nothing looks into them.
var archives = []string{".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar", ".apk", ".ipa", ".wxapkg", ".ma", ".iso", ".dmg"}

// programs are files of other systems that nobody needs here.
var programs = []string{".exe", ".dll", ".so", ".dylib", ".bat", ".cmd", ".ps1", ".msi", ".com", ".scr", ".php", ".jsp", ".asp", ".aspx"}

// strangers finds files that a program does not need: archives in archives, and executables.
func (i *inspector) strangers() {
	for _, file := range i.names {
		content, ext := i.files[file], strings.ToLower(path.Ext(file))
		switch {
		case bytes.HasPrefix(content, []byte("\x7fELF")), len(content) > 64 && bytes.HasPrefix(content, []byte("MZ\x90\x00")), slices.Contains(programs, ext):
			i.fail("forbidden_file", file, spot{}, "A program for another system may not be in a package.")
		case slices.Contains(archives, ext), bytes.HasPrefix(content, []byte("PK\x03\x04")), bytes.HasPrefix(content, []byte("Rar!\x1a\x07")), bytes.HasPrefix(content, []byte("7z\xbc\xaf\x27\x1c")):
			i.warn("nested_archive", file, spot{}, "An archive in the package is not opened; programs cannot read it.")
		}
	}
}
