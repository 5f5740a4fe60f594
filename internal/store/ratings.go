package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

const (
	textLimit = 2000
	// ratingsPage is how many ratings a page has; ratingsPages how many pages are shown.
	ratingsPage  = 20
	ratingsPages = 100
)

// The orders of a program's ratings.
const (
	byNewest  = "new"
	byHelpful = "helpful" // those with words, newest first
	byLow     = "low"
	byHigh    = "high"
)

// Rating is what somebody says of a program.
type Rating struct {
	Stars    int    `json:"stars"`
	Text     string `json:"text"`
	Language string `json:"language"`
}

// Opinion is a rating as others read it.
type Opinion struct {
	ID        string         `json:"id" db:"id"`
	Stars     int            `json:"stars" db:"stars"`
	Text      string         `json:"text" db:"text"`
	Language  string         `json:"language" db:"language"`
	Version   int            `json:"version" db:"version"`
	Name      string         `json:"name" db:"name"` // a first name and an initial
	Reply     string         `json:"reply" db:"reply"`
	RepliedAt types.DateTime `json:"replied_at" db:"replied_at"`
	Created   types.DateTime `json:"created" db:"created"`
	Updated   types.DateTime `json:"updated" db:"updated"`
	Counted   bool           `json:"counted" db:"counted"` // it is part of the average
	Mine      bool           `json:"mine" db:"mine"`
}

// Opinions is a page of ratings.
type Opinions struct {
	Items []Opinion `json:"items"`
	Total int       `json:"total"` // of those that count
	Page  int       `json:"page"`
	More  bool      `json:"more"`
}

func opinionOf(rating *core.Record, author string, mine bool) Opinion {
	return Opinion{
		ID: rating.Id, Stars: rating.GetInt("stars"), Text: rating.GetString("text"), Language: rating.GetString("language"),
		Version: rating.GetInt("version"), Name: author, Reply: rating.GetString("reply"), RepliedAt: rating.GetDateTime("replied_at"),
		Created: rating.GetDateTime("rated_at"), Updated: rating.GetDateTime("updated"), Counted: rating.GetBool("counted"), Mine: mine,
	}
}

// Rate says what the person thinks of the program, in place of what they said before. The rating is read at once,
// and is part of the average as soon as it counts.
func Rate(app core.App, user *core.Record, appid string, rating Rating, now time.Time) (*core.Record, error) {
	if err := rating.settle(); err != nil {
		return nil, err
	}
	program, err := visible(app, appid, user.Id)
	if err != nil {
		return nil, err
	}
	var id string
	err = ledger.Write(app, func(tx core.App) error {
		id, err = rate(tx, user, program, rating, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("store_ratings", id)
}

func rate(tx core.App, user *core.Record, program shown, rating Rating, now time.Time) (string, error) {
	use, err := mayRate(tx, user, program.ID)
	if err != nil {
		return "", err
	}
	record, err := ratingBy(tx, program.ID, user.Id)
	if err != nil {
		return "", err
	}
	if record == nil {
		collection, err := tx.FindCollectionByNameOrId("store_ratings")
		if err != nil {
			return "", err
		}
		counts, err := known(tx, user, use, now)
		if err != nil {
			return "", err
		}
		record = core.NewRecord(collection)
		record.Load(map[string]any{"program": program.ID, "user": user.Id, "counted": counts, "rated_at": now})
	} else if record.GetInt("stars") == rating.Stars && record.GetString("text") == rating.Text && record.GetString("language") == rating.Language {
		return record.Id, nil
	}
	var version int
	err = tx.DB().NewQuery("SELECT number FROM programs_versions WHERE id = {:id}").Bind(dbx.Params{"id": program.version()}).Row(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	isNew := record.IsNew()
	record.Load(map[string]any{"stars": rating.Stars, "text": rating.Text, "language": rating.Language, "version": version})
	if err := tx.Save(record); err != nil {
		return "", fmt.Errorf("save rating: %w", err)
	}
	if isNew {
		if err := holdBurst(tx, program.ID, now); err != nil {
			return "", err
		}
	}
	return record.Id, ledger.Audit(tx, user.Id, "store.rate", program.AppID, map[string]any{"rating": record.Id, "stars": rating.Stars}, now)
}

// settle brings a rating into the form in which it is kept, or refuses it.
func (r *Rating) settle() error {
	r.Text = clean(r.Text)
	switch {
	case r.Stars < 1 || r.Stars > 5:
		return ErrBadRating.With("field", "stars")
	case !readable(r.Text):
		return ErrBadRating.With("field", "text")
	case !slices.Contains([]string{"", "en", "fr", "zh"}, r.Language):
		return ErrBadRating.With("field", "language")
	}
	return nil
}

func clean(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// readable texts are short enough, and have no characters that hide or turn others.
func readable(text string) bool {
	hidden := func(r rune) bool {
		return (unicode.IsControl(r) && r != '\n' && r != '\t') || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar
	}
	return len([]rune(text)) <= textLimit && !strings.ContainsFunc(text, hidden)
}

// Unrate takes the person's rating back.
func Unrate(app core.App, user *core.Record, appid string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		program, err := tx.FindFirstRecordByData("programs", "appid", appid)
		if errors.Is(err, sql.ErrNoRows) {
			return programs.ErrNotFound.With("appid", appid)
		}
		if err != nil {
			return err
		}
		rating, err := ratingBy(tx, program.Id, user.Id)
		if err != nil || rating == nil {
			return err
		}
		if err := withdraw(tx, rating); err != nil {
			return fmt.Errorf("delete rating: %w", err)
		}
		return ledger.Audit(tx, user.Id, "store.unrate", appid, map[string]any{"rating": rating.Id}, now)
	})
}

// withdraw deletes a rating. One that is held or hidden stays, without its words: else it could be given anew.
func withdraw(tx core.App, rating *core.Record) error {
	if !rating.GetBool("held") && !rating.GetBool("hidden") {
		return tx.Delete(rating)
	}
	rating.Set("text", "")
	return tx.Save(rating)
}

// ratingBy is the person's rating of the program, nil when there is none.
func ratingBy(app core.App, programID, userID string) (*core.Record, error) {
	rating, err := app.FindFirstRecordByFilter("store_ratings", "program = {:program} && user = {:user}",
		dbx.Params{"program": programID, "user": userID})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "none" is an answer here
	}
	return rating, err
}

// mayRate is the person's use of the program, or why they may not rate it.
func mayRate(app core.App, user *core.Record, programID string) (*core.Record, error) {
	var own bool
	err := app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM programs p WHERE p.id = {:program} AND (
		(p.org = '' AND p.owner = {:user})
		OR EXISTS (SELECT 1 FROM staff s WHERE s.user = {:user} AND s.org != '' AND s.org IN (p.org, p.agency))
		OR EXISTS (SELECT 1 FROM programs_testers t WHERE t.program = p.id AND t.user = {:user})))`).
		Bind(dbx.Params{"program": programID, "user": user.Id}).Row(&own)
	if err != nil {
		return nil, err
	}
	if own {
		return nil, ErrOwnProgram
	}
	use, err := programs.Used(app, user.Id, programID)
	if err == nil && use == nil {
		err = ErrNotUsed
	}
	return use, err
}

// Reply is the makers' one answer to a rating; an empty text takes it back.
func Reply(app core.App, ratingID, text, actor string, now time.Time) (*core.Record, error) {
	text = clean(text)
	if !readable(text) {
		return nil, ErrBadRating.With("field", "text")
	}
	err := ledger.Write(app, func(tx core.App) error {
		rating, err := tx.FindRecordById("store_ratings", ratingID)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrRatingNotFound
		}
		if err != nil || rating.GetString("reply") == text {
			return err
		}
		rating.Set("reply", text)
		rating.Set("replied_at", now)
		if text == "" {
			rating.Set("replied_at", "")
		}
		if err := tx.Save(rating); err != nil {
			return fmt.Errorf("save reply: %w", err)
		}
		return ledger.Audit(tx, actor, "store.reply", rating.GetString("program"), map[string]any{"rating": ratingID}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("store_ratings", ratingID)
}

// Ratings is a page of what people say of the program. Hidden ones are for nobody to read but their authors.
func Ratings(app core.App, appid, sort string, page int, userID string) (Opinions, error) {
	order, known := map[string]string{
		"": "r.rated_at DESC", byNewest: "r.rated_at DESC", byHelpful: "r.rated_at DESC",
		byLow: "r.stars, r.rated_at DESC", byHigh: "r.stars DESC, r.rated_at DESC",
	}[sort]
	if !known || page < 0 || page > ratingsPages {
		return Opinions{}, ErrBadQuery.With("field", map[bool]string{true: "page", false: "sort"}[known])
	}
	program, err := visible(app, appid, userID)
	if err != nil {
		return Opinions{}, err
	}
	opinions := Opinions{Items: []Opinion{}, Page: max(page, 1)}
	where := ""
	if sort == byHelpful {
		where = " AND r.text != ''"
	}
	err = app.DB().NewQuery(`SELECT r.id, r.stars, r.text, r.language, r.version, r.reply, r.replied_at, r.rated_at AS created, r.updated,
		r.counted, r.user = {:user} AS mine, COALESCE(u.name, '') AS name FROM store_ratings r LEFT JOIN users u ON u.id = r.user
		WHERE r.program = {:program} AND r.hidden = FALSE` + where + ` ORDER BY ` + order + `, r.id LIMIT {:limit} OFFSET {:skip}`).
		Bind(dbx.Params{"program": program.ID, "user": userID, "limit": ratingsPage + 1, "skip": ratingsPage * (opinions.Page - 1)}).
		All(&opinions.Items)
	if err != nil {
		return opinions, fmt.Errorf("ratings of %s: %w", appid, err)
	}
	opinions.More = len(opinions.Items) > ratingsPage
	opinions.Items = opinions.Items[:min(len(opinions.Items), ratingsPage)]
	for i := range opinions.Items {
		opinions.Items[i].Name = authorOf(opinions.Items[i].Name)
	}
	err = app.DB().NewQuery("SELECT ratings FROM programs WHERE id = {:id}").Bind(dbx.Params{"id": program.ID}).Row(&opinions.Total)
	return opinions, err
}

// authorOf is how much of their name people show with what they say: a first name and an initial.
func authorOf(name string) string {
	words := strings.Fields(name)
	switch {
	case len(words) == 0:
		return ""
	case len(words) > 1:
		return words[0] + " " + string([]rune(words[len(words)-1])[:1]) + "."
	}
	letters := []rune(words[0])
	if unicode.Is(unicode.Han, letters[0]) && len(letters) > 1 {
		return string(letters[:1]) + strings.Repeat("*", len(letters)-1) // a family name comes first there
	}
	return words[0]
}
