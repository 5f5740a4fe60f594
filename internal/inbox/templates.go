package inbox

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// Field is one line of a message: Name is what the program's code fills, Label is what people read before it.
type Field struct {
	Name  string `json:"name"`
	Label string `json:"label"`
}

// Template is a message with its values left open.
type Template struct {
	Code   string                 `json:"code" db:"code"` // what the program asks for and sends by
	Title  string                 `json:"title" db:"title"`
	Fields types.JSONArray[Field] `json:"fields" db:"fields"`
	// Tickets is how many messages people have agreed to and not got; Sent how many they got.
	Tickets int `json:"tickets" db:"tickets"`
	Sent    int `json:"sent" db:"sent"`
}

var (
	codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)
)

// Templates is what the program may say, in the order in which it was laid down.
func Templates(app core.App, programID string) ([]Template, error) {
	templates := []Template{}
	err := app.DB().NewQuery(`SELECT t.code, t.title, t.fields, t.sent,
			COALESCE((SELECT SUM(remaining) FROM inbox_tickets k WHERE k.program = t.program AND k.template = t.code), 0) AS tickets
		FROM inbox_templates t WHERE t.program = {:program} ORDER BY t.created, t.id`).
		Bind(dbx.Params{"program": programID}).All(&templates)
	if err != nil {
		return nil, fmt.Errorf("message templates: %w", err)
	}
	return templates, nil
}

// SetTemplate lays a template down, or changes the one of that code; tickets for it stay good.
func SetTemplate(app core.App, program *core.Record, t Template, actor string, now time.Time) error {
	t.Title = strings.TrimSpace(t.Title)
	if err := t.valid(); err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		record, err := templateRecord(tx, program.Id, t.Code)
		if errors.Is(err, ErrTemplateUnknown) {
			record, err = newTemplate(tx, program.Id, t.Code)
		}
		if err != nil {
			return err
		}
		record.Set("title", t.Title)
		record.Set("fields", t.Fields)
		if err := tx.Save(record); err != nil {
			return fmt.Errorf("save message template: %w", err)
		}
		return ledger.Audit(tx, actor, "inbox.template", program.GetString("appid"), map[string]any{"code": t.Code, "title": t.Title}, now)
	})
}

func (t Template) valid() error {
	switch {
	case !codePattern.MatchString(t.Code):
		return ErrBadTemplate.With("detail", "code: letters, digits, _ and -, 64 at most")
	case !check.IsName(t.Title):
		return ErrBadTemplate.With("detail", fmt.Sprintf("title: words, %d characters at most", titleLimit))
	case len(t.Fields) == 0 || len(t.Fields) > FieldsLimit:
		return ErrBadTemplate.With("detail", fmt.Sprintf("fields: between 1 and %d", FieldsLimit))
	}
	for i, field := range t.Fields {
		double := slices.ContainsFunc(t.Fields[:i], func(before Field) bool { return before.Name == field.Name })
		if !namePattern.MatchString(field.Name) || double {
			return ErrBadTemplate.With("detail", fmt.Sprintf("fields[%d].name: a letter, then letters, digits and _, each once", i))
		}
		if !check.IsName(field.Label) || len([]rune(field.Label)) > nameLimit {
			return ErrBadTemplate.With("detail", fmt.Sprintf("fields[%d].label: words, %d characters at most", i, nameLimit))
		}
	}
	return nil
}

func newTemplate(tx core.App, programID, code string) (*core.Record, error) {
	var count int
	if err := tx.DB().NewQuery("SELECT COUNT(*) FROM inbox_templates WHERE program = {:program}").
		Bind(dbx.Params{"program": programID}).Row(&count); err != nil {
		return nil, err
	}
	if count >= TemplatesLimit {
		return nil, ErrTooManyTemplates.With("limit", TemplatesLimit)
	}
	collection, err := tx.FindCollectionByNameOrId("inbox_templates")
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(collection)
	record.Load(map[string]any{"program": programID, "code": code})
	return record, nil
}

// RemoveTemplate takes a template away, with the tickets for it. Messages that were sent stay, and so does a lasting no:
// else a maker would ask again by laying the template down again.
func RemoveTemplate(app core.App, program *core.Record, code, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		record, err := templateRecord(tx, program.Id, code)
		if errors.Is(err, ErrTemplateUnknown) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.Delete(record); err != nil {
			return fmt.Errorf("remove message template: %w", err)
		}
		if _, err := tx.DB().NewQuery("DELETE FROM inbox_tickets WHERE program = {:program} AND template = {:code} AND never = 0").
			Bind(dbx.Params{"program": program.Id, "code": code}).Execute(); err != nil {
			return fmt.Errorf("remove tickets: %w", err)
		}
		return ledger.Audit(tx, actor, "inbox.template_removed", program.GetString("appid"), map[string]any{"code": code}, now)
	})
}

func templateRecord(app core.App, programID, code string) (*core.Record, error) {
	record, err := app.FindFirstRecordByFilter("inbox_templates", "program = {:program} && code = {:code}",
		dbx.Params{"program": programID, "code": code})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrTemplateUnknown.With("template", code)
	}
	return record, err
}
