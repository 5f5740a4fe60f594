package programs

import (
	"fmt"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
)

// Difference is what one version may do, reach and weigh that another does not, and the other way round.
type Difference struct {
	Against        int      `json:"against"` // the number of the version before; 0 when there is none
	ScopesAdded    []string `json:"scopes_added"`
	ScopesRemoved  []string `json:"scopes_removed"`
	DomainsAdded   []string `json:"domains_added"`
	DomainsRemoved []string `json:"domains_removed"`
	SizeBefore     int64    `json:"size_before"` // of the package
	SizeAfter      int64    `json:"size_after"`
	FilesBefore    int      `json:"files_before"`
	FilesAfter     int      `json:"files_after"`
}

// difference compares two versions; before is nil when nothing was released yet, and then all is new.
func difference(before, after *core.Record) (Difference, error) {
	old := outline{}
	if before != nil {
		var err error
		if old, err = outlineOf(before); err != nil {
			return Difference{}, err
		}
	}
	young, err := outlineOf(after)
	if err != nil {
		return Difference{}, err
	}
	return Difference{
		Against:     old.number,
		ScopesAdded: without(young.scopes, old.scopes), ScopesRemoved: without(old.scopes, young.scopes),
		DomainsAdded: without(young.domains, old.domains), DomainsRemoved: without(old.domains, young.domains),
		SizeBefore: old.size, SizeAfter: young.size, FilesBefore: old.files, FilesAfter: young.files,
	}, nil
}

// outline is what of a version is compared.
type outline struct {
	number, files   int
	size            int64
	scopes, domains []string
}

func outlineOf(version *core.Record) (outline, error) {
	o := outline{number: version.GetInt("number"), size: int64(version.GetInt("size"))}
	m, err := manifestOf(version)
	if err != nil {
		return o, err
	}
	o.scopes, o.domains = m.Plaza.Scopes, m.Plaza.Domains.All()
	var report struct {
		Sizes check.Sizes `json:"sizes"`
	}
	if err := version.UnmarshalJSONField("report", &report); err == nil {
		o.files = report.Sizes.Files // reports from before there were sizes have none
	}
	return o, nil
}

// without is what list has and other has not, sorted; never nil, because JSON shows it.
func without(list, other []string) []string {
	rest := []string{}
	for _, one := range list {
		if !slices.Contains(other, one) {
			rest = append(rest, one)
		}
	}
	slices.Sort(rest)
	return rest
}

// released is the version that everybody has, against which a newer one is compared; nil when there is none, or
// when it is that version itself.
func released(app core.App, program *core.Record, version string) (*core.Record, error) {
	id := program.GetString("release")
	if id == "" || id == version {
		return nil, nil //nolint:nilnil // "nothing before" is an answer here
	}
	before, err := app.FindRecordById("programs_versions", id)
	if err != nil {
		return nil, fmt.Errorf("released version of %s: %w", program.GetString("appid"), err)
	}
	return before, nil
}
