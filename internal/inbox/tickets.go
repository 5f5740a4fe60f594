package inbox

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// Question is one template as the person is asked for it.
type Question struct {
	Code   string                 `json:"code" db:"code"`
	Title  string                 `json:"title" db:"title"`
	Fields types.JSONArray[Field] `json:"fields" db:"fields"`
	Ban    bool                   `json:"ban" db:"never"` // the person has said never: there is nothing to ask
}

// Questions is what the person is asked when the program wants to send messages of these templates.
func Questions(app core.App, userID, programID string, codes []string) ([]Question, error) {
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) == 0 || len(codes) > AskLimit {
		return nil, ErrTooManyTemplates.With("limit", AskLimit)
	}
	questions := make([]Question, 0, len(codes))
	for _, code := range codes {
		var question Question
		err := app.DB().NewQuery(`SELECT t.code, t.title, t.fields, EXISTS (SELECT 1 FROM inbox_tickets k
				WHERE k.program = t.program AND k.template IN (t.code, '') AND k.user = {:user} AND k.never = 1) AS never
			FROM inbox_templates t WHERE t.program = {:program} AND t.code = {:code}`).
			Bind(dbx.Params{"user": userID, "program": programID, "code": code}).One(&question)
		if err != nil {
			return nil, unknownTemplate(code, err)
		}
		questions = append(questions, question)
	}
	return questions, nil
}

// Decide stores what the person answered to each template: a yes is one more message, a ban takes those away that
// were agreed to before.
func Decide(app core.App, userID, programID string, answers map[string]string) error {
	if len(answers) == 0 || len(answers) > AskLimit {
		return ErrTooManyTemplates.With("limit", AskLimit)
	}
	return ledger.Write(app, func(tx core.App) error {
		for code, answer := range answers {
			if _, err := templateRecord(tx, programID, code); err != nil {
				return err
			}
			if err := decide(tx, dbx.Params{"user": userID, "program": programID, "template": code}, answer); err != nil {
				return err
			}
		}
		return nil
	})
}

func decide(tx core.App, ticket dbx.Params, answer string) error {
	statement := ""
	switch answer {
	case Reject:
		return nil
	case Accept:
		statement = `INSERT INTO inbox_tickets (user, program, template, remaining) VALUES ({:user}, {:program}, {:template}, 1)
			ON CONFLICT DO UPDATE SET remaining = MIN(remaining + 1, {:most}), never = 0`
		ticket["most"] = TicketsLimit
	case Ban:
		statement = `INSERT INTO inbox_tickets (user, program, template, never) VALUES ({:user}, {:program}, {:template}, 1)
			ON CONFLICT DO UPDATE SET remaining = 0, never = 1`
	default:
		return ErrBadAnswer.With("answer", answer)
	}
	if _, err := tx.DB().NewQuery(statement).Bind(ticket).Execute(); err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	return nil
}

// Mute ends all messages of the program to the person: the tickets go, and it may not ask again until they say so, by
// no template that it lays down later either. That no is the ticket without a template.
func Mute(app core.App, userID, programID string) error {
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery(`INSERT INTO inbox_tickets (user, program, template, never)
			SELECT {:user}, program, code, 1 FROM inbox_templates WHERE program = {:program} UNION SELECT {:user}, {:program}, '', 1
			WHERE true ON CONFLICT DO UPDATE SET remaining = 0, never = 1`).
			Bind(dbx.Params{"user": userID, "program": programID}).Execute()
		if err != nil {
			return fmt.Errorf("mute: %w", err)
		}
		return nil
	})
}

// Unmute lets the program ask again. It brings no ticket back.
func Unmute(app core.App, userID, programID string) error {
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery("UPDATE inbox_tickets SET never = 0 WHERE user = {:user} AND program = {:program}").
			Bind(dbx.Params{"user": userID, "program": programID}).Execute()
		if err != nil {
			return fmt.Errorf("unmute: %w", err)
		}
		return nil
	})
}

// take uses up one ticket, or says that there is none.
func take(tx core.App, userID, programID, code string) error {
	result, err := tx.DB().NewQuery(`UPDATE inbox_tickets SET remaining = remaining - 1
		WHERE user = {:user} AND program = {:program} AND template = {:template} AND remaining > 0`).
		Bind(dbx.Params{"user": userID, "program": programID, "template": code}).Execute()
	if err != nil {
		return fmt.Errorf("take a ticket: %w", err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if rows != 1 {
		return ErrNoTicket.With("template", code)
	}
	return nil
}

func unknownTemplate(code string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrTemplateUnknown.With("template", code)
	}
	return fmt.Errorf("message template: %w", err)
}
