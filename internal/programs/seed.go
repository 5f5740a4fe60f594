package programs

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// seeder is the actor that the audit log names for what the house publishes by itself.
const seeder = "plaza"

// Seed publishes each folder of files as a program of the organisation, through the same Upload, Submit,
// Approve and Release that anybody's program goes through. Bytes that were uploaded before are left alone, released or not, so a
// roll-back by the operator survives a restart. A folder that is refused does not stop the others.
func Seed(ctx context.Context, app core.App, files fs.FS, orgID string, now time.Time) error {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return fmt.Errorf("read programs: %w", err)
	}
	var all error
	for _, folder := range folders {
		if !folder.IsDir() || ctx.Err() != nil {
			continue
		}
		if err := seed(app, files, folder.Name(), orgID, now); err != nil {
			all = errors.Join(all, fmt.Errorf("publish %s: %w", folder.Name(), err))
		}
	}
	return errors.Join(all, ctx.Err())
}

func seed(app core.App, files fs.FS, appid, orgID string, now time.Time) error {
	packed, err := Zip(files, appid)
	if err != nil {
		return err
	}
	version, err := Upload(app, Owner{Org: orgID}, appid, bytes.NewReader(packed), "", seeder, now)
	if err != nil {
		return err
	}
	number := version.GetInt("number")
	if version.GetString("state") == "checked" {
		if _, err := Submit(app, appid, number, Submission{}, seeder, now); err != nil {
			return err
		}
	}
	if err := approveOwn(app, version.Id, now); err != nil {
		return err
	}
	// Whatever else it is by now, somebody has decided so.
	if version, err = app.FindRecordById("programs_versions", version.Id); err != nil || version.GetString("state") != "approved" {
		return err
	}
	_, err = Release(app, appid, number, everybody, seeder, now)
	return err
}

// approveOwn approves what the house has submitted itself; it ships with its own review.
func approveOwn(app core.App, versionID string, now time.Time) error {
	review, err := app.FindFirstRecordByFilter("programs_reviews",
		"version = {:version} && state = 'waiting' && submitted_by = ''", dbx.Params{"version": versionID})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = Approve(app, review.Id, "", seeder, now)
	return err
}

// Zip packs a project folder for Upload, by the rule of check.Folder.
func Zip(files fs.FS, folder string) ([]byte, error) {
	project, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	if err := check.Pack(project, &packed); err != nil {
		return nil, fmt.Errorf("pack %s: %w", folder, err)
	}
	return packed.Bytes(), nil
}

// Host is the organisation that owns the first-party programs: the first of kind "host", made if there is none.
func Host(app core.App) (string, error) {
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		err := tx.DB().NewQuery("SELECT id FROM orgs WHERE kind = 'host' ORDER BY created, id LIMIT 1").Row(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		collection, err := tx.FindCollectionByNameOrId("orgs")
		if err != nil {
			return err
		}
		org := core.NewRecord(collection)
		org.Load(map[string]any{
			"name": "Plaza", "slug": "plaza", "kind": "host", "currency": "EUR", "timezone": "Europe/Paris",
			"certified": true, "color": "#0a7d5a",
		})
		if err := tx.Save(org); err != nil {
			return err
		}
		id = org.Id
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("host organisation: %w", err)
	}
	return id, nil
}
