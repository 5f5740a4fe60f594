package erasure

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	personJob   = "erasure.person"
	programsJob = "erasure.programs"
	exportTime  = 15 * time.Minute // for which a slow taker is waited, who holds no place of others meanwhile
)

// ErrNoProgram refuses an appid that no program has or had.
var ErrNoProgram = refusal.New(http.StatusNotFound, "program_not_found", "There is no such mini program.")

// Register binds the routes, and the jobs that remove what nobody has a right to keep any more.
func Register(app core.App) {
	turns := make(chan struct{}, ExportsAtOnce)
	jobs.Handle(app, personJob, func(app core.App, payload []byte, now time.Time) error {
		var userID string
		if err := json.Unmarshal(payload, &userID); err != nil {
			return err
		}
		return eraseEverywhere(context.Background(), app, userID, now)
	})
	jobs.Every(app, programsJob, "40 4 * * *", "UTC", func(app core.App, period time.Time) error {
		return clearEnded(context.Background(), app, period)
	})
	app.OnRecordDelete("users").BindFunc(func(e *core.RecordEvent) error {
		if err := jobs.Add(e.App, personJob, e.Record.Id, e.Record.Id, clock.Now(e.App)); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/kept", Tag: "erasure", Answer: []Holding{},
			Summary: "What mini programs keep about you: documents, files and their size, by program.",
		}, handleHoldings)
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/mp/{appid}/data", Tag: "erasure", Answer: "application/zip",
			Summary:  "Everything that a mini program keeps about you, as a zip: data.json and your files.",
			Refusals: []*refusal.Refusal{ErrNoProgram},
		}, func(e *core.RequestEvent) error { return handleExport(e, turns) })
		route.Handle(se, route.Operation{
			Method: http.MethodDelete, Path: "/api/mp/{appid}/data", Tag: "erasure", Answer: Erased{},
			Summary:  "Erase the documents and files that a mini program keeps about you. There is no way back.",
			Refusals: []*refusal.Refusal{ErrNoProgram},
		}, handleErase)
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/cloud/usage", Tag: "erasure", Answer: []Use{},
			Summary:  "How much each mini program keeps in the cloud; operator only.",
			Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
		}, handleUsage)
		return se.Next()
	})
}

func handleHoldings(e *core.RequestEvent) error {
	list, err := Holdings(e.Request.Context(), e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, list)
}

// known refuses an appid that was never one.
func known(app core.App, appid string) error {
	found, err := app.CountRecords("programs", dbx.HashExp{"appid": appid})
	if err == nil && found == 0 {
		err = ErrNoProgram.With("appid", appid)
	}
	return err
}

func handleExport(e *core.RequestEvent, turns chan struct{}) error {
	appid := e.Request.PathValue("appid")
	if err := known(e.App, appid); err != nil {
		return err
	}
	export, err := written(e, appid, turns)
	if err != nil {
		return err
	}
	defer forget(export)
	_ = http.NewResponseController(e.Response).SetWriteDeadline(time.Now().Add(exportTime)) // else it ends earlier
	header := e.Response.Header()
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", `attachment; filename="`+appid+`-data.zip"`)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(e.Response, e.Request, "", time.Time{}, export)
	return nil
}

// written is the export in a file of its own. Nobody takes a turn longer than that takes, however slowly they fetch it.
func written(e *core.RequestEvent, appid string, turns chan struct{}) (*os.File, error) {
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
	case <-e.Request.Context().Done():
		return nil, e.Request.Context().Err()
	}
	folder := filepath.Join(e.App.DataDir(), core.LocalTempDirName) // what a crash leaves there is removed at the next start
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("folder of exports: %w", err)
	}
	file, err := os.CreateTemp(folder, "export-*.zip")
	if err != nil {
		return nil, fmt.Errorf("file of an export: %w", err)
	}
	err = Export(e.Request.Context(), e.App, e.Auth.Id, appid, clock.Now(e.App), file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		forget(file)
		return nil, err
	}
	return file, nil
}

// forget removes what was written. It is a person's own, and lies in a folder that is emptied anyway.
func forget(file *os.File) {
	_ = file.Close()
	_ = os.Remove(file.Name())
}

func handleErase(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	if err := known(e.App, appid); err != nil {
		return err
	}
	done, err := Erase(e.Request.Context(), e.App, e.Auth.Id, appid, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, done)
}

// Use is how much one program keeps in the cloud.
type Use struct {
	AppID         string `json:"appid"`
	Name          string `json:"name"`
	Status        string `json:"status"` // "" of what no program has any more
	DatabaseBytes int64  `json:"database_bytes"`
	DatabaseLimit int64  `json:"database_limit"`
	FileBytes     int64  `json:"file_bytes"`
	FileLimit     int64  `json:"file_limit"`
	Files         int64  `json:"files"`
}

func handleUsage(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	list, err := Usage(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, list)
}

// Usage is what all programs keep in the cloud, those with the most first.
func Usage(app core.App) ([]Use, error) {
	sizes, err := clouddb.Sizes(app)
	if err != nil {
		return nil, err
	}
	files, err := cloudfiles.Usages(app)
	if err != nil {
		return nil, err
	}
	list := used(sizes, files)
	return list, name(app, list)
}

// name says which programs those are.
func name(app core.App, list []Use) error {
	var programs []Program
	err := app.DB().NewQuery("SELECT appid, name, COALESCE(names, 'null') AS names, icon, color, status FROM programs").All(&programs)
	if err != nil {
		return fmt.Errorf("names of programs: %w", err)
	}
	by := make(map[string]Program, len(programs))
	for _, program := range programs {
		by[program.AppID] = program
	}
	for i := range list {
		known := by[list[i].AppID]
		list[i].Name, list[i].Status = cmp.Or(known.Name, list[i].AppID), known.Status
	}
	return nil
}

func used(sizes map[string]int64, files []cloudfiles.Usage) []Use {
	by := map[string]Use{}
	for appid, bytes := range sizes {
		by[appid] = Use{AppID: appid, DatabaseBytes: bytes}
	}
	for _, usage := range files {
		use := by[usage.AppID]
		use.AppID, use.FileBytes, use.Files = usage.AppID, usage.Bytes, usage.Files
		by[usage.AppID] = use
	}
	list := make([]Use, 0, len(by))
	for _, use := range by {
		use.DatabaseLimit, use.FileLimit = clouddb.FileLimit, cloudfiles.Quota
		list = append(list, use)
	}
	slices.SortFunc(list, func(a, b Use) int {
		if one, other := a.DatabaseBytes+a.FileBytes, b.DatabaseBytes+b.FileBytes; one != other {
			return cmp.Compare(other, one)
		}
		return strings.Compare(a.AppID, b.AppID)
	})
	return list
}
