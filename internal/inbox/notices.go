package inbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
)

// Message is what a program says to one person.
type Message struct {
	To       string            // the person's openid in this program
	Template string            // the template's code
	Page     string            // what opens at a tap: a page of the program with its query, or nothing
	Data     map[string]string // the values, by the names of the template's fields
}

// Line is one line of a notice.
type Line struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Notice is a message as the person has it, with the program that sent it.
type Notice struct {
	ID      string                `json:"id" db:"id"`
	AppID   string                `json:"appid" db:"appid"`
	Name    string                `json:"name" db:"name"`
	Names   types.JSONMap[string] `json:"names" db:"names"`
	Icon    string                `json:"icon" db:"icon"`
	Color   string                `json:"color" db:"color"`
	Title   string                `json:"title" db:"title"`
	Lines   types.JSONArray[Line] `json:"lines" db:"lines"`
	Page    string                `json:"page" db:"page"`
	Read    bool                  `json:"read" db:"read"`
	Created types.DateTime        `json:"created" db:"created"`
	Open    bool                  `json:"open" db:"open"` // whether the program can be opened now
	Muted   bool                  `json:"muted" db:"muted"`
}

// noticesShown is how many notices are listed at once.
const noticesShown = 50

// Send takes the person's ticket for the template and leaves them the message. Whether the program's tier may send
// is the caller's question.
func Send(app core.App, programID, appid string, m Message) error {
	if len(m.Page) > PageLimit || strings.ContainsAny(m.Page, "\x00\r\n") {
		return ErrBadPage.With("limit", PageLimit)
	}
	userID, err := identity.ByOpenID(app, m.To, appid)
	if err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		template, err := templateRecord(tx, programID, m.Template)
		if err != nil {
			return err
		}
		lines, err := filled(template, m.Data)
		if err != nil {
			return err
		}
		if err := take(tx, userID, programID, m.Template); err != nil {
			return err
		}
		return deliver(tx, userID, template, lines, m.Page)
	})
}

// Values reads a message's data as programs write it in WeChat: by field, an object whose value is text or a number,
// or that itself.
func Values(data map[string]json.RawMessage) (map[string]string, error) {
	values := make(map[string]string, len(data))
	for name, raw := range data {
		var wrapped struct {
			Value json.RawMessage `json:"value"`
		}
		if json.Unmarshal(raw, &wrapped) == nil && wrapped.Value != nil {
			raw = wrapped.Value
		}
		var text *string
		if json.Unmarshal(raw, &text) == nil && text != nil {
			values[name] = *text
			continue
		}
		var number *json.Number
		if json.Unmarshal(raw, &number) != nil || number == nil {
			return nil, ErrBadMessage.With("detail", name+": neither text nor a number")
		}
		values[name] = number.String()
	}
	return values, nil
}

// filled is the template's fields with the message's values.
func filled(template *core.Record, data map[string]string) ([]Line, error) {
	var fields []Field
	if err := template.UnmarshalJSONField("fields", &fields); err != nil {
		return nil, fmt.Errorf("fields of template %s: %w", template.Id, err)
	}
	lines := make([]Line, 0, len(fields))
	for _, field := range fields {
		value, ok := data[field.Name]
		value = strings.TrimSpace(value)
		if !ok || value == "" || len([]rune(value)) > ValueLimit {
			return nil, ErrBadMessage.With("detail", fmt.Sprintf("%s: text of 1 to %d characters", field.Name, ValueLimit))
		}
		if !check.IsLine(value) {
			return nil, ErrBadMessage.With("detail", field.Name+": one line, without characters that cannot be seen")
		}
		lines = append(lines, Line{Label: field.Label, Value: value})
	}
	return lines, nil
}

func deliver(tx core.App, userID string, template *core.Record, lines []Line, page string) error {
	collection, err := tx.FindCollectionByNameOrId("notifications")
	if err != nil {
		return err
	}
	notice := core.NewRecord(collection)
	notice.Load(map[string]any{
		"user": userID, "program": template.GetString("program"), "template": template.GetString("code"),
		"title": template.GetString("title"), "lines": lines, "page": page,
	})
	if err := tx.Save(notice); err != nil {
		return fmt.Errorf("save notice: %w", err)
	}
	_, err = tx.DB().NewQuery("UPDATE inbox_templates SET sent = sent + 1 WHERE id = {:id}").
		Bind(dbx.Params{"id": template.Id}).Execute()
	return err
}

// Notices is the person's messages, latest first, from before the given one on ("" from the latest).
func Notices(app core.App, userID, before string) ([]Notice, error) {
	notices := []Notice{}
	err := app.DB().NewQuery(`SELECT n.id, n.title, n.lines, n.page, n.read, n.created, p.appid, p.name, p.names, p.icon, p.color,
			p.status = 'live' AS open,
			EXISTS (SELECT 1 FROM inbox_tickets k WHERE k.user = n.user AND k.program = n.program AND k.template IN (n.template, '') AND k.never = 1) AS muted
		FROM notifications n JOIN programs p ON p.id = n.program
		WHERE n.user = {:user} AND ({:before} = '' OR (n.created, n.id) <
			((SELECT created FROM notifications WHERE id = {:before} AND user = {:user}), {:before}))
		ORDER BY n.created DESC, n.id DESC LIMIT {:limit}`).
		Bind(dbx.Params{"user": userID, "before": before, "limit": noticesShown}).All(&notices)
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	return notices, nil
}

// Unread is how many messages the person has not read.
func Unread(app core.App, userID string) (int, error) {
	var count int
	err := app.DB().NewQuery("SELECT COUNT(*) FROM notifications WHERE user = {:user} AND read = FALSE").
		Bind(dbx.Params{"user": userID}).Row(&count)
	return count, err
}

// Read marks one of the person's messages as read, or all of them when id is "".
func Read(app core.App, userID, id string) error {
	return ledger.Write(app, func(tx core.App) error {
		records, err := tx.FindAllRecords("notifications",
			dbx.NewExp("user = {:user} AND read = FALSE AND ({:id} = '' OR id = {:id})", dbx.Params{"user": userID, "id": id}))
		if err != nil {
			return fmt.Errorf("unread notices: %w", err)
		}
		for _, record := range records {
			record.Set("read", true)
			if err := tx.Save(record); err != nil { // saved one by one, so that other screens hear of it
				return fmt.Errorf("mark notice: %w", err)
			}
		}
		return nil
	})
}

// Remove takes one of the person's messages away. One that is gone is gone already.
func Remove(app core.App, userID, id string) error {
	return ledger.Write(app, func(tx core.App) error {
		record, err := tx.FindFirstRecordByFilter("notifications", "id = {:id} && user = {:user}", dbx.Params{"id": id, "user": userID})
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Delete(record)
	})
}

// prune forgets notices that are older than Kept.
func prune(app core.App, now time.Time) error {
	_, err := app.NonconcurrentDB().NewQuery("DELETE FROM notifications WHERE created < {:before}").
		Bind(dbx.Params{"before": now.Add(-Kept).UTC().Format(types.DefaultDateLayout)}).Execute()
	if err != nil {
		return fmt.Errorf("prune notices: %w", err)
	}
	return nil
}
