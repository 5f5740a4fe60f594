package cloudfiles

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/ledger"
)

// Put keeps content as the file of that path, in place of the one that is there. A page's file is the person's, a
// function's is nobody's; one that is replaced stays whose it was.
func Put(ctx context.Context, app core.App, who Caller, path string, content io.Reader) (File, error) {
	if err := checkPath(path); err != nil {
		return File{}, err
	}
	file := File{AppID: who.AppID, Path: path}
	if !who.Server {
		file.OpenID = who.OpenID
	}
	if _, err := who.mayPut(app, file); err != nil { // once before anything is read, and once when it counts
		return File{}, err
	}
	limit := int64(FileBytes)
	if who.Server {
		limit = FunctionBytes
	}
	d := diskOf(app)
	leave, err := d.turn(ctx)
	if err != nil {
		return File{}, err
	}
	defer leave()
	a, err := d.write(who.AppID, content, limit)
	if err != nil {
		return File{}, err
	}
	file.Blob, file.Size, file.Type = a.blob, a.size, typeOf(path, a.head)
	file.Created, file.Updated = who.Now.UnixMilli(), who.Now.UnixMilli()
	old, err := who.enter(app, &file)
	if err != nil {
		d.remove(who.AppID, a.blob)
		return File{}, err
	}
	if old.Blob != "" {
		d.remove(who.AppID, old.Blob)
	}
	return file, nil
}

// enter gives the bytes their row, if the rules and the quota still allow it.
func (c Caller) enter(app core.App, file *File) (old File, err error) {
	err = ledger.Write(app, func(tx core.App) error {
		if old, err = c.mayPut(tx, *file); err != nil {
			return err
		}
		if old.Blob != "" {
			file.OpenID, file.Created = old.OpenID, old.Created
		}
		if err := c.take(tx, file.Size-old.Size, 1-present(old)); err != nil {
			return err
		}
		_, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO cloudfiles_files (appid, path, blob, openid, size, type, created, updated)
			VALUES ({:appid}, {:path}, {:blob}, {:openid}, {:size}, {:type}, {:created}, {:updated})
			ON CONFLICT (appid, path) DO UPDATE SET blob = excluded.blob, size = excluded.size, type = excluded.type, updated = excluded.updated`).
			Bind(dbx.Params{
				"appid": file.AppID, "path": file.Path, "blob": file.Blob, "openid": file.OpenID, "size": file.Size, "type": file.Type,
				"created": file.Created, "updated": file.Updated,
			}).Execute()
		return err
	})
	if err != nil {
		return old, fmt.Errorf("keep %s: %w", file.ID(), err)
	}
	return old, nil
}

func present(file File) int64 {
	if file.Blob == "" {
		return 0
	}
	return 1
}

// mayPut gives the file that is at the path, empty if there is none, unless the rules forbid the write.
func (c Caller) mayPut(app core.App, file File) (old File, err error) {
	old, err = find(app, c.AppID, file.Path)
	there := err == nil
	if err != nil && !errors.Is(err, ErrNoFile) {
		return old, err
	}
	if !there && !c.allows(c.Rules.Create, file, &file) || there && !c.allows(c.Rules.Update, old, &file) {
		return old, ErrDenied
	}
	return old, nil
}

// allows judges the file by a rule; functions are not judged.
func (c Caller) allows(rule query.Rule, file File, data *File) bool {
	facts := query.Facts{OpenID: c.OpenID, Doc: file.facts(), Now: query.Date(c.Now.UnixMilli())}
	if data != nil {
		facts.Data = data.facts()
	}
	return c.Server || rule.Allows(facts)
}

// take counts bytes and files of the program, and refuses those for which there is no room. Giving back always works.
func (c Caller) take(tx core.App, bytes, files int64) error {
	if _, err := tx.NonconcurrentDB().NewQuery("INSERT INTO cloudfiles_usage (appid, bytes, files) VALUES ({:appid}, 0, 0) ON CONFLICT DO NOTHING").
		Bind(dbx.Params{"appid": c.AppID}).Execute(); err != nil {
		return err
	}
	done, err := tx.NonconcurrentDB().NewQuery(`UPDATE cloudfiles_usage SET bytes = bytes + {:bytes}, files = files + {:files} WHERE appid = {:appid}
		AND ({:bytes} <= 0 OR bytes + {:bytes} <= {:most}) AND ({:files} <= 0 OR files + {:files} <= {:each})`).
		Bind(dbx.Params{"appid": c.AppID, "bytes": bytes, "files": files, "most": c.quota(), "each": FilesEach}).Execute()
	if err != nil {
		return err
	}
	if counted, err := done.RowsAffected(); err != nil || counted == 0 {
		return errors.Join(err, ErrQuota.With("limit", c.quota()).With("files", FilesEach))
	}
	return nil
}

// Outcome is what became of one file of a list; its members have WeChat's names.
type Outcome struct {
	FileID string `json:"fileID"`
	Status int    `json:"status"` // 0 when it worked
	ErrMsg string `json:"errMsg"`
	Code   string `json:"code,omitempty"`
}

// Delete removes files, each by itself: one that may not be removed does not keep the others.
func Delete(app core.App, who Caller, ids []string) ([]Outcome, error) {
	if len(ids) > ListLimit {
		return nil, ErrTooMany.With("limit", ListLimit)
	}
	out := make([]Outcome, len(ids))
	for i, id := range ids {
		err := who.delete(app, id)
		if out[i], err = outcome(id, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c Caller) delete(app core.App, id string) error {
	path, err := c.pathOf(id)
	if err != nil {
		return err
	}
	var file File
	err = ledger.Write(app, func(tx core.App) error {
		if file, err = find(tx, c.AppID, path); err != nil {
			return err
		}
		if !c.allows(c.Rules.Delete, file, nil) {
			if c.allows(c.Rules.Read, file, nil) {
				return ErrDenied
			}
			return ErrNoFile
		}
		return c.drop(tx, file)
	})
	if err == nil {
		diskOf(app).remove(c.AppID, file.Blob)
	}
	return err
}

// drop takes the file's row away and gives its bytes back to the program.
func (c Caller) drop(tx core.App, file File) error {
	done, err := tx.NonconcurrentDB().NewQuery("DELETE FROM cloudfiles_files WHERE appid = {:appid} AND path = {:path} AND blob = {:blob}").
		Bind(dbx.Params{"appid": c.AppID, "path": file.Path, "blob": file.Blob}).Execute()
	if err != nil {
		return err
	}
	if gone, err := done.RowsAffected(); err != nil || gone == 0 {
		return errors.Join(err, ErrNoFile)
	}
	return c.take(tx, -file.Size, -1)
}

const selectFile = "SELECT appid, path, blob, openid, size, type, created, updated FROM cloudfiles_files WHERE "

func find(app core.App, appid, path string) (file File, err error) {
	return one(app, "appid = {:appid} AND path = {:path}", dbx.Params{"appid": appid, "path": path})
}

func one(app core.App, condition string, params dbx.Params) (file File, err error) {
	err = app.DB().NewQuery(selectFile + condition).Bind(params).One(&file)
	if errors.Is(err, sql.ErrNoRows) {
		return file, ErrNoFile
	}
	if err != nil {
		return file, fmt.Errorf("find cloud file: %w", err)
	}
	return file, nil
}
