package campaigns

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	minCode = 4
	maxCode = 32
	// MaxBatch is how many codes one request makes.
	MaxBatch = 50_000
	// makeChunk is how many codes one commit makes; the writer is free for payments between two.
	makeChunk = 500
	// randomLetters of 31 are 59 bits: not for guessing.
	randomLetters = 12
	maxPrefix     = 8
	maxLabel      = 80
	codeAlphabet  = "23456789ABCDEFGHJKMNPQRSTUVWXYZ" // nothing that people confuse
	codesShown    = 50
)

var (
	// ErrBadCode refuses codes that cannot be made; data.field names the field.
	ErrBadCode = refusal.New(http.StatusBadRequest, "bad_code", "These codes cannot be made.")
	// ErrCodeTaken refuses a word that is a code of this shop already.
	ErrCodeTaken = refusal.New(http.StatusConflict, "code_taken", "Your shop has this code already.")
	// ErrNoCampaign refuses a campaign, batch or code that there is not, or that is another shop's.
	ErrNoCampaign = refusal.New(http.StatusNotFound, "unknown_campaign", "There is no such campaign or code.")
	// ErrExported refuses to hand out the codes of a batch a second time.
	ErrExported = refusal.New(http.StatusConflict, "code_exported", "These codes have been exported already, and are handed out once.")
	// ErrNotMade refuses to export a batch that is still being made.
	ErrNotMade = refusal.New(http.StatusConflict, "codes_unfinished", "These codes are still being made. Try again in a minute.")
	// ErrBelowGiven refuses a budget that is less than what has been given or promised.
	ErrBelowGiven = refusal.New(http.StatusConflict, "budget_below_given", "More than that has been given away or promised already.")
)

// Making is what a merchant asks for: one word of their own, or a number of random codes.
type Making struct {
	Code   string `json:"code"`
	Count  int64  `json:"count"`
	Prefix string `json:"prefix"`
	Label  string `json:"label"`
	Uses   *int64 `json:"uses"` // of each code; null for no limit, 0 for none at all
}

// Batch is random codes that were made together.
type Batch struct {
	ID       string `db:"id" json:"id"`
	Label    string `db:"label" json:"label"`
	Prefix   string `db:"prefix" json:"prefix"`
	Uses     *int64 `db:"uses" json:"uses"`
	Wanted   int64  `db:"wanted" json:"wanted"`
	Made     int64  `db:"made" json:"made"`
	Exported int64  `db:"exported" json:"exported"`
	Created  int64  `db:"created" json:"created"`
	Org      string `db:"org" json:"-"`
	Campaign string `db:"campaign" json:"-"`
}

func (m Making) check() error {
	switch {
	case m.Uses != nil && (*m.Uses < 0 || *m.Uses > int64(ledger.MaxAmount)):
		return ErrBadCode.With("field", "uses")
	case len([]rune(m.Label)) > maxLabel:
		return ErrBadCode.With("field", "label")
	case m.Code != "":
		if Fold(m.Code) == "" {
			return ErrBadCode.With("field", "code").Saying("A code has %d to %d letters and digits.", minCode, maxCode)
		}
		return nil
	case m.Count < 1 || m.Count > MaxBatch:
		return ErrBadCode.With("field", "count").Saying("From 1 to %d codes are made at once.", MaxBatch)
	case m.Prefix != "" && (len(m.Prefix) > maxPrefix || Fold(m.Prefix+"0000") == ""):
		return ErrBadCode.With("field", "prefix")
	}
	return nil
}

// MakeCodes makes codes for a campaign, which from then on gives nothing without one of them.
func MakeCodes(app core.App, campaign *core.Record, m Making, actor string, now time.Time) (*Batch, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	batch := &Batch{
		Org: campaign.GetString("org"), Campaign: campaign.Id, Label: m.Label, Prefix: strings.ToUpper(m.Prefix), Uses: m.Uses,
		Wanted: m.Count, Created: now.UnixMilli(),
	}
	err := ledger.Write(app, func(tx core.App) error {
		if err := closeToOthers(tx, campaign.Id); err != nil {
			return err
		}
		act := "campaigns.codes"
		if m.Code != "" {
			batch.Wanted, batch.Made = 1, 1
			if err := batch.insert(tx, strings.ToUpper(strings.TrimSpace(m.Code))); err != nil {
				return err
			}
		} else {
			batch.ID = security.RandomString(15)
			if err := batch.begin(tx); err != nil {
				return err
			}
		}
		return ledger.Audit(tx, actor, act, "campaign:"+campaign.Id, map[string]any{"count": batch.Wanted, "batch": batch.ID, "uses": m.Uses}, now)
	})
	if err != nil || batch.ID == "" {
		return batch, err
	}
	return batch, batch.finish(app)
}

// closeToOthers marks the campaign as one with codes, which validation refuses for kinds that take none.
func closeToOthers(tx core.App, campaign string) error {
	record, err := tx.FindRecordById("campaigns", campaign)
	if err != nil {
		return err
	}
	if !record.GetBool("codes") {
		record.Set("codes", true)
		if err := tx.Save(record); err != nil {
			return err
		}
	}
	_, err = tx.DB().NewQuery("INSERT INTO campaigns_terms (campaign) VALUES ({:campaign}) ON CONFLICT DO NOTHING").
		Bind(dbx.Params{"campaign": campaign}).Execute()
	return err
}

func (b *Batch) begin(tx core.App) error {
	_, err := tx.DB().NewQuery(`INSERT INTO campaigns_batches (id, org, campaign, label, prefix, uses, wanted, created)
		VALUES ({:id}, {:org}, {:campaign}, {:label}, {:prefix}, {:uses}, {:wanted}, {:created})`).Bind(dbx.Params{
		"id": b.ID, "org": b.Org, "campaign": b.Campaign, "label": b.Label, "prefix": b.Prefix, "uses": b.Uses, "wanted": b.Wanted, "created": b.Created,
	}).Execute()
	return err
}

// insert puts one code in; a word that the shop has already is refused.
func (b *Batch) insert(tx core.App, word string) error {
	done, err := tx.DB().NewQuery(`INSERT INTO campaigns_codes (org, campaign, batch, word, folded, uses, created)
		VALUES ({:org}, {:campaign}, {:batch}, {:word}, {:folded}, {:uses}, {:created}) ON CONFLICT DO NOTHING`).Bind(dbx.Params{
		"org": b.Org, "campaign": b.Campaign, "batch": b.ID, "word": word, "folded": Fold(word), "uses": b.Uses, "created": b.Created,
	}).Execute()
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrCodeTaken)
	}
	return nil
}

// finish makes what is still missing, chunk by chunk. Whoever else is at the same batch finds made changed and stops.
func (b *Batch) finish(app core.App) error {
	for b.Made < b.Wanted {
		n := min(makeChunk, b.Wanted-b.Made)
		moved := false
		err := ledger.Write(app, func(tx core.App) error {
			moved = false
			done, err := tx.DB().NewQuery("UPDATE campaigns_batches SET made = made + {:n} WHERE id = {:id} AND made = {:made}").
				Bind(dbx.Params{"n": n, "id": b.ID, "made": b.Made}).Execute()
			if err != nil {
				return err
			}
			if rows, err := done.RowsAffected(); err != nil || rows != 1 {
				return err
			}
			moved = true
			for made := int64(0); made < n; {
				err := b.insert(tx, b.Prefix+randomCode())
				if err != nil && !errors.Is(err, ErrCodeTaken) {
					return err
				}
				if err == nil {
					made++
				}
			}
			return nil
		})
		if err != nil || !moved {
			return err
		}
		b.Made += n
	}
	return nil
}

// finishBatches goes on with what a stop of the server left unfinished.
func finishBatches(app core.App) error {
	var unfinished []Batch
	if err := app.DB().NewQuery("SELECT * FROM campaigns_batches WHERE made < wanted ORDER BY created LIMIT 10").All(&unfinished); err != nil {
		return fmt.Errorf("find unfinished batches: %w", err)
	}
	var failed []error
	for i := range unfinished {
		failed = append(failed, unfinished[i].finish(app))
	}
	return errors.Join(failed...)
}

func randomCode() string {
	code := make([]byte, 0, randomLetters)
	var draw [randomLetters]byte
	for len(code) < randomLetters {
		rand.Read(draw[:]) //nolint:errcheck // crypto/rand.Read never returns an error
		for _, b := range draw {
			// 248 is the largest multiple of 31 in a byte: above it the first letters would come up more often.
			if b < 248 && len(code) < randomLetters {
				code = append(code, codeAlphabet[int(b)%len(codeAlphabet)])
			}
		}
	}
	return string(code)
}

// ExportCodes hands the codes of a batch out, once.
func ExportCodes(app core.App, campaign, batch, actor string, now time.Time) (words []string, err error) {
	err = ledger.Write(app, func(tx core.App) error {
		words = nil
		var b Batch
		err := tx.DB().NewQuery("SELECT * FROM campaigns_batches WHERE id = {:id} AND campaign = {:campaign}").
			Bind(dbx.Params{"id": batch, "campaign": campaign}).One(&b)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrNoCampaign
		case err != nil:
			return err
		case b.Made < b.Wanted:
			return ErrNotMade
		case b.Exported > 0:
			return ErrExported
		}
		if _, err := tx.DB().NewQuery("UPDATE campaigns_batches SET exported = {:now} WHERE id = {:id} AND exported = 0").
			Bind(dbx.Params{"now": now.UnixMilli(), "id": batch}).Execute(); err != nil {
			return err
		}
		if err := tx.DB().NewQuery("SELECT word FROM campaigns_codes WHERE batch = {:batch} ORDER BY id").
			Bind(dbx.Params{"batch": batch}).Column(&words); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "campaigns.export_codes", "campaign:"+campaign, map[string]any{"batch": batch}, now)
	})
	return words, err
}
