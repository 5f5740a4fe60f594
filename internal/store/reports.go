package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

// reportsPage is how many reports a page of the operator's list has.
const reportsPage = 50

// ReportKinds are what people report.
func ReportKinds() []string {
	return []string{"harmful", "misleading", "broken", "privacy", "rights", "other"}
}

// Complaint is what somebody reports of a program, or of a rating of it.
type Complaint struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Rating string `json:"rating"`
}

// Report tells the operator. A person has one open report of a program, and one of each of its ratings: saying
// more changes that one.
func Report(app core.App, user *core.Record, appid string, complaint Complaint, now time.Time) (*core.Record, error) {
	complaint.Text = clean(complaint.Text)
	if !slices.Contains(ReportKinds(), complaint.Kind) {
		return nil, ErrBadReport.With("field", "kind")
	}
	if !readable(complaint.Text) {
		return nil, ErrBadReport.With("field", "text")
	}
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		program, err := reportable(tx, appid)
		if err != nil {
			return err
		}
		id, err = report(tx, user, program, complaint, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("store_reports", id)
}

// reportable is a program that people have or had before them: whoever was led to it by a link may report it,
// listed or not.
func reportable(tx core.App, appid string) (*core.Record, error) {
	program, err := tx.FindFirstRecordByData("programs", "appid", appid)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && (program.GetString("status") == "draft" || program.GetString("status") == "deleted")) {
		return nil, programs.ErrNotFound.With("appid", appid)
	}
	return program, err
}

func report(tx core.App, user, program *core.Record, complaint Complaint, now time.Time) (string, error) {
	if complaint.Rating != "" {
		rating, err := tx.FindRecordById("store_ratings", complaint.Rating)
		if errors.Is(err, sql.ErrNoRows) || (err == nil && rating.GetString("program") != program.Id) {
			return "", ErrRatingNotFound
		}
		if err != nil {
			return "", err
		}
	}
	record, err := tx.FindFirstRecordByFilter("store_reports", "program = {:program} && rating = {:rating} && user = {:user} && state = 'open'",
		dbx.Params{"program": program.Id, "rating": complaint.Rating, "user": user.Id})
	if errors.Is(err, sql.ErrNoRows) {
		collection, err := tx.FindCollectionByNameOrId("store_reports")
		if err != nil {
			return "", err
		}
		record = core.NewRecord(collection)
		record.Load(map[string]any{"program": program.Id, "rating": complaint.Rating, "user": user.Id, "state": "open"})
	} else if err != nil {
		return "", err
	}
	if !record.IsNew() && record.GetString("kind") == complaint.Kind && record.GetString("text") == complaint.Text {
		return record.Id, nil
	}
	var version int
	err = tx.DB().NewQuery("SELECT number FROM programs_versions WHERE id = {:id}").
		Bind(dbx.Params{"id": program.GetString("release")}).Row(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	record.Load(map[string]any{"kind": complaint.Kind, "text": complaint.Text, "version": version})
	if err := tx.Save(record); err != nil {
		return "", fmt.Errorf("save report: %w", err)
	}
	return record.Id, ledger.Audit(tx, user.Id, "store.report", program.GetString("appid"),
		map[string]any{"report": record.Id, "kind": complaint.Kind, "rating": complaint.Rating}, now)
}

// Reported is a report as the operator reads it.
type Reported struct {
	ID       string         `json:"id" db:"id"`
	Kind     string         `json:"kind" db:"kind"`
	Text     string         `json:"text" db:"text"`
	Version  int            `json:"version" db:"version"`
	State    string         `json:"state" db:"state"`
	Answer   string         `json:"answer" db:"answer"`
	Created  types.DateTime `json:"created" db:"created"`
	Updated  types.DateTime `json:"updated" db:"updated"`
	Reporter string         `json:"reporter" db:"reporter"` // a name; "" when the house raised it
	House    bool           `json:"house" db:"house"`       // the house raised it: closing decides on held ratings
	Open     int            `json:"open" db:"open"`         // open reports of the program, this one too
	Held     int            `json:"held" db:"held"`         // ratings of the program that wait
	Program  *programs.Card `json:"program" db:"-"`
	Rating   *Opinion       `json:"rating" db:"-"`

	ProgramID string `json:"-" db:"program"`
	RatingID  string `json:"-" db:"rating_id"`
}

// Reports is a page of reports.
type Reports struct {
	Items []Reported `json:"items"`
	Total int        `json:"total"`
	Page  int        `json:"page"`
	More  bool       `json:"more"`
}

// ReportsOf is the operator's list: the open ones, oldest first, or the closed ones, latest first.
func ReportsOf(app core.App, state string, page int, language string) (Reports, error) {
	order := "r.created, r.id"
	switch state {
	case "", "open":
		state = "open"
	case "closed":
		order = "r.updated DESC, r.id"
	default:
		return Reports{}, ErrBadQuery.With("field", "state")
	}
	list := Reports{Items: []Reported{}, Page: max(page, 1)}
	params := dbx.Params{"state": state, "limit": reportsPage + 1, "skip": reportsPage * (list.Page - 1)}
	err := app.DB().NewQuery(`SELECT r.id, r.kind, r.text, r.version, r.state, r.answer, r.created, r.updated, r.program,
		r.rating AS rating_id, COALESCE(u.name, '') AS reporter, r.user = '' AS house,
		(SELECT COUNT(*) FROM store_reports x WHERE x.program = r.program AND x.state = 'open') AS open,
		(SELECT COUNT(*) FROM store_ratings x WHERE x.program = r.program AND x.held AND NOT x.hidden) AS held
		FROM store_reports r LEFT JOIN users u ON u.id = r.user WHERE r.state = {:state} ORDER BY ` + order + ` LIMIT {:limit} OFFSET {:skip}`).
		Bind(params).All(&list.Items)
	if err != nil {
		return list, fmt.Errorf("list reports: %w", err)
	}
	list.More = len(list.Items) > reportsPage
	list.Items = list.Items[:min(len(list.Items), reportsPage)]
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM store_reports WHERE state = {:state}").
		Bind(dbx.Params{"state": state}).Row(&list.Total); err != nil {
		return list, err
	}
	for i := range list.Items {
		if err := list.Items[i].complete(app, language); err != nil {
			return list, err
		}
	}
	return list, nil
}

func (r *Reported) complete(app core.App, language string) error {
	found, err := programs.Cards(app, []string{r.ProgramID}, language)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		r.Program = &found[0]
	}
	if r.RatingID == "" {
		return nil
	}
	rating, err := app.FindRecordById("store_ratings", r.RatingID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // taken back by its author
	}
	if err != nil {
		return err
	}
	author, err := app.FindRecordById("users", rating.GetString("user"))
	if err != nil {
		return err
	}
	opinion := opinionOf(rating, authorOf(author.GetString("name")), false)
	r.Rating = &opinion
	return nil
}

// Verdict is how the operator closes a report.
type Verdict struct {
	Answer     string `json:"answer"`
	HideRating bool   `json:"hide_rating"` // hides the rating that was reported, or all that are held
}

// CloseReport ends a report. One that the house raised decides on the ratings that are held: hidden, or let go.
func CloseReport(app core.App, id string, verdict Verdict, actor string, now time.Time) (*core.Record, error) {
	verdict.Answer = clean(verdict.Answer)
	if !readable(verdict.Answer) {
		return nil, ErrBadReport.With("field", "answer")
	}
	err := ledger.Write(app, func(tx core.App) error {
		report, err := tx.FindRecordById("store_reports", id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrReportNotFound
		}
		if err != nil || report.GetString("state") == "closed" {
			return err
		}
		report.Load(map[string]any{"state": "closed", "answer": verdict.Answer, "closed_by": actor})
		if err := tx.Save(report); err != nil {
			return fmt.Errorf("save report: %w", err)
		}
		if err := judge(tx, report, verdict.HideRating); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "store.close_report", report.GetString("program"),
			map[string]any{"report": id, "answer": verdict.Answer, "hidden": verdict.HideRating}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("store_reports", id)
}

// judge carries out what closing says of ratings.
func judge(tx core.App, report *core.Record, hide bool) error {
	set, where := "", ""
	switch {
	case report.GetString("rating") != "" && hide:
		set, where = "hidden = TRUE", "id = {:rating}"
	case report.GetString("user") == "" && hide:
		set, where = "hidden = TRUE", "program = {:program} AND held"
	case report.GetString("user") == "":
		set, where = "held = FALSE", "program = {:program} AND held AND NOT hidden"
	default:
		return nil
	}
	_, err := tx.NonconcurrentDB().NewQuery("UPDATE store_ratings SET " + set + " WHERE " + where).
		Bind(dbx.Params{"rating": report.GetString("rating"), "program": report.GetString("program")}).Execute()
	if err != nil {
		return fmt.Errorf("judge ratings: %w", err)
	}
	return nil
}
