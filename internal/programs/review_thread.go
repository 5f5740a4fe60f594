package programs

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/refusal"
)

// ErrThreadFull refuses a message in a review that has all it may have.
var ErrThreadFull = refusal.New(http.StatusConflict, "thread_full", "There are as many messages in this review as there may be.")

// Sides of the thread between makers and reviewers.
const (
	SideCreator  = "creator"
	SideReviewer = "reviewer"
)

const (
	messageLimit  = 4000 // characters of one message
	messagesLimit = 500  // messages of one review
	threadLimit   = 200  // latest messages of a program that are shown with its review
)

// Message is one message between makers and reviewers.
type Message struct {
	ID      string         `json:"id" db:"id"`
	Review  string         `json:"review" db:"review"`
	Number  int            `json:"number" db:"number"` // of the version
	Side    string         `json:"side" db:"side"`
	Text    string         `json:"text" db:"text"`
	Author  string         `json:"author_name" db:"author_name"` // "" for makers, when a reviewer wrote it
	Created types.DateTime `json:"created" db:"created"`
}

// Say adds a message to the thread, also after the decision. A reviewer who has the review keeps it half an hour
// longer. Which side the actor is on is the caller's question.
func Say(app core.App, reviewID, side, text, actor string, now time.Time) (Message, error) {
	text = strings.TrimSpace(text)
	if text == "" || len([]rune(text)) > messageLimit {
		return Message{}, ErrBadText.With("limit", messageLimit)
	}
	var message *core.Record
	review, err := judged(app, reviewID, func(tx core.App, review *core.Record) error {
		sent, err := tx.CountRecords("programs_messages", dbx.HashExp{"review": review.Id})
		if err != nil {
			return err
		}
		if sent >= messagesLimit {
			return ErrThreadFull.With("limit", messagesLimit)
		}
		collection, err := tx.FindCollectionByNameOrId("programs_messages")
		if err != nil {
			return err
		}
		message = core.NewRecord(collection)
		message.Load(map[string]any{"review": review.Id, "author": personID(tx, actor), "side": side, "text": text})
		if err := tx.Save(message); err != nil {
			return fmt.Errorf("save message: %w", err)
		}
		if side == SideReviewer && heldBy(review, now) == actor {
			review.Set("claimed_until", now.Add(claimFor))
			if err := tx.Save(review); err != nil {
				return fmt.Errorf("save review: %w", err)
			}
		}
		return auditReview(tx, review, "programs.message", actor, now)
	})
	if err != nil {
		return Message{}, err
	}
	version, err := app.FindRecordById("programs_versions", review.GetString("version"))
	if err != nil {
		return Message{}, err
	}
	return Message{
		ID: message.Id, Review: review.Id, Number: version.GetInt("number"), Side: side, Text: text,
		Author: nameOf(app, actor), Created: message.GetDateTime("created"),
	}, nil
}

// thread is the latest messages of all the program's reviews, oldest first. Makers are not told which reviewer
// wrote one: the answer is the operator's.
func thread(app core.App, programID string, forMakers bool) ([]Message, error) {
	messages := []Message{}
	err := app.DB().NewQuery(`SELECT m.id, m.review, v.number, m.side, m.text, m.created,
			CASE WHEN {:makers} AND m.side = 'reviewer' THEN '' ELSE COALESCE(u.name, '') END AS author_name
		FROM programs_messages m JOIN programs_reviews r ON r.id = m.review JOIN programs_versions v ON v.id = r.version
		LEFT JOIN users u ON u.id = m.author
		WHERE r.program = {:program} ORDER BY m.created DESC, m.rowid DESC LIMIT {:limit}`).
		Bind(dbx.Params{"program": programID, "makers": forMakers, "limit": threadLimit}).All(&messages)
	if err != nil {
		return nil, fmt.Errorf("thread: %w", err)
	}
	for i, j := 0, len(messages)-1; i < j; i, j = i+1, j-1 {
		messages[i], messages[j] = messages[j], messages[i]
	}
	return messages, nil
}
