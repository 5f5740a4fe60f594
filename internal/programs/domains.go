package programs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// Domains are the hosts that a program may reach: those that a version's manifest declares, and those that its
// makers have added beside it, for every version. A package that was written for WeChat declares none.
type Domains struct {
	Manifest check.ManifestDomains `json:"manifest"`
	Own      check.ManifestDomains `json:"own"`
	Limit    int                   `json:"limit"` // how many hosts there may be in all
}

// All is both.
func (d Domains) All() check.ManifestDomains { return d.Manifest.With(d.Own) }

// Domains are the hosts that this version may reach.
func (p Program) Domains(app core.App) (check.ManifestDomains, error) {
	found, err := domainsOf(app, "p.id = {:id} AND v.package = {:package}", dbx.Params{"id": p.ID, "package": p.Package})
	return found.All(), err
}

// Reaches tells whether this version may reach the host for that kind of thing: request, socket, upload or download.
func (p Program) Reaches(app core.App, kind, host string) (bool, error) {
	domains, err := p.Domains(app)
	return err == nil && domains.Reach(kind, host), err
}

// DomainsOf are the hosts of the version that people have, or that they will: the released one, the one that is
// being rolled out, the latest.
func DomainsOf(app core.App, programID string) (Domains, error) {
	d, err := domainsOf(app, "p.id = {:id} ORDER BY v.id = p.`release` DESC, v.id = p.rollout DESC, v.number DESC LIMIT 1", dbx.Params{"id": programID})
	if err != nil {
		return d, err
	}
	policy, err := CurrentPolicy(app)
	d.Limit = policy.Limits.Domains
	return d, err
}

func domainsOf(app core.App, condition string, params dbx.Params) (Domains, error) {
	var row struct {
		Manifest string `db:"manifest"`
		Own      string `db:"own"`
	}
	var d Domains
	err := app.DB().NewQuery(`SELECT COALESCE(json_extract(v.manifest, '$.x_plaza.domains'), '{}') AS manifest,
		COALESCE(p.domains, '{}') AS own FROM programs p LEFT JOIN programs_versions v ON v.program = p.id WHERE ` + condition).
		Bind(params).One(&row)
	if err != nil {
		return d, fmt.Errorf("hosts of %v: %w", params["id"], err)
	}
	err = errors.Join(json.Unmarshal([]byte(orElse(row.Manifest, "{}")), &d.Manifest), json.Unmarshal([]byte(orElse(row.Own, "{}")), &d.Own))
	if err != nil {
		return d, fmt.Errorf("hosts of %v: %w", params["id"], err)
	}
	return d, nil
}

// ChangeDomains adds hosts to a program's own list, and takes others off it. Each change names what it changes, so
// that of two makers who change the list at a time neither undoes the other's.
func ChangeDomains(app core.App, program *core.Record, add, remove check.ManifestDomains, actor string, now time.Time) (Domains, error) {
	for _, kind := range check.DomainKinds() {
		for _, host := range add.Of(kind) {
			if !check.IsDomain(host) {
				return Domains{}, ErrBadDomain.With("host", clip(host))
			}
		}
	}
	var after Domains
	err := ledger.Write(app, func(tx core.App) error {
		before, err := DomainsOf(tx, program.Id)
		if err != nil {
			return err
		}
		after = before
		after.Own = before.Own.With(add).Without(remove)
		if n := len(after.All().All()); after.Limit > 0 && n > after.Limit && n > len(before.All().All()) {
			return ErrTooManyDomains.With("limit", after.Limit)
		}
		change := domainChange(before.Own, after.Own)
		if len(change) == 0 {
			return nil
		}
		record, err := tx.FindRecordById("programs", program.Id)
		if err != nil {
			return err
		}
		record.Set("domains", after.Own)
		if err := tx.Save(record); err != nil {
			return fmt.Errorf("save hosts: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.domains", program.GetString("appid"), change, now)
	})
	return after, err
}

// domainChange is what of the lists is new and what is gone, as the trail keeps it.
func domainChange(before, after check.ManifestDomains) map[string]any {
	change := map[string]any{}
	for _, kind := range check.DomainKinds() {
		for sign, hosts := range map[string][]string{
			"added": after.Without(before).Of(kind), "removed": before.Without(after).Of(kind),
		} {
			if len(hosts) > 0 {
				change[kind+"_"+sign] = slices.Clone(hosts)
			}
		}
	}
	return change
}

// clip keeps what somebody sent short enough to be told back.
func clip(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
