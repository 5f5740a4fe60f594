package programs

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/ledger"
)

// everybody is the percentage at which a roll-out is over.
const everybody = 100

// Preparation makes ready what a version declares of its cloud database, or refuses the version.
type Preparation func(app core.App, appid string, number int, database query.Schema) error

const prepareKey = "plaza.programs.prepare"

// BeforeRelease names what is done before people get a version; it may be done more than once for one.
func BeforeRelease(app core.App, prepare Preparation) { app.Store().Set(prepareKey, prepare) }

// Release gives a version to percent of the people: to testers and the buckets below it, or to everybody at 100.
// It is a conditional act: the version's bytes must still be the ones that were checked, it must be approved, or
// never submitted while the program has had no reviewed release and the policy lets unverified programs live. A
// percentage may be lowered; asking for what is so already changes nothing. Whether the actor may is the caller's
// question.
func Release(app core.App, appid string, number, percent int, actor string, now time.Time) (*core.Record, error) {
	if percent < 0 || percent > everybody {
		return nil, ErrBadPercent
	}
	return moved(app, appid, number, func(tx core.App) error {
		return release(tx, appid, number, percent, actor, now)
	})
}

// Rollback gives everybody a version that they had before, whichever that was, and ends what is out now.
func Rollback(app core.App, appid string, number int, reason, actor string, now time.Time) (*core.Record, error) {
	if len([]rune(reason)) > noteLimit {
		return nil, ErrBadText.With("limit", noteLimit)
	}
	return moved(app, appid, number, func(tx core.App) error {
		return rollback(tx, appid, number, reason, actor, now)
	})
}

// moved verifies the version's bytes, which takes too long for a transaction, makes the move and answers the
// version as it is then.
func moved(app core.App, appid string, number int, move func(tx core.App) error) (*core.Record, error) {
	_, version, err := versionRecord(app, appid, number)
	if err != nil {
		return nil, err
	}
	bundle, err := registryOf(app).bundle(Version{Package: version.GetString("package"), Bundle: version.GetString("bundle")})
	if err != nil {
		return nil, err
	}
	if prepare, ok := app.Store().Get(prepareKey).(Preparation); ok {
		if err := prepare(app, appid, number, bundle.Database); err != nil {
			return nil, err
		}
	}
	if err := ledger.Write(app, move); err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_versions", version.Id)
}

func release(tx core.App, appid string, number, percent int, actor string, now time.Time) error {
	program, version, err := versionRecord(tx, appid, number)
	if err != nil {
		return err
	}
	if err := running(tx, program); err != nil {
		return err
	}
	state, previous := version.GetString("state"), program.GetString("release")
	if (state == "released" && percent == everybody) || (state == "rolling_out" && percent == program.GetInt("percent")) {
		return nil
	}
	if err := releasable(tx, program, version); err != nil {
		return err
	}
	if percent == everybody {
		err = give(tx, program, version, "superseded", now)
	} else {
		err = rollOut(tx, program, version, percent, now)
	}
	if err != nil {
		return err
	}
	return ledger.Audit(tx, actor, "programs.release", appid, map[string]any{
		"number": number, "percent": percent, "package": version.GetString("package"), "previous": previous,
	}, now)
}

func rollback(tx core.App, appid string, number int, reason, actor string, now time.Time) error {
	program, version, err := versionRecord(tx, appid, number)
	if err != nil {
		return err
	}
	if err := running(tx, program); err != nil {
		return err
	}
	state := version.GetString("state")
	if !wasReleased(version) || (state != "released" && state != "superseded" && state != "rolled_back") {
		return ErrNeverReleased.With("state", state)
	}
	previous, rollout := program.GetString("release"), program.GetString("rollout")
	if previous == version.Id && rollout == "" {
		return nil
	}
	if err := give(tx, program, version, "rolled_back", now); err != nil {
		return err
	}
	return ledger.Audit(tx, actor, "programs.rollback", appid, map[string]any{
		"number": number, "reason": reason, "previous": previous, "rollout": rollout,
	}, now)
}

// running refuses what was ended by its makers or stopped by the operator. A program that has lost all its
// versions one by one is not stopped: its makers may release a better one.
func running(tx core.App, program *core.Record) error {
	if program.GetString("status") == "deleted" {
		return ErrDeleted.With("appid", program.GetString("appid"))
	}
	blocked, err := blocking(tx, program)
	if err != nil || !blocked {
		return err
	}
	return takenDown(tx, Program{ID: program.Id, AppID: program.GetString("appid"), Org: program.GetString("org")})
}

// releasable refuses a version that may not go to people.
func releasable(tx core.App, program, version *core.Record) error {
	state := version.GetString("state")
	policy, err := CurrentPolicy(tx)
	if err != nil {
		return err
	}
	switch {
	case state == "approved" || state == "rolling_out":
	case state == "checked", (state == "superseded" || state == "rolled_back") && !wasReleased(version):
		// What was only ever rolled out may go on where it stopped.
		if version.GetBool("reviewed") {
			break
		}
		if lives, err := livesUnverified(tx, program, policy); err != nil || !lives {
			return refuseUnless(err, ErrNotApproved.With("state", state))
		}
		// What passes for somebody certified is looked at first.
		if like, err := imitated(tx, program, version); err != nil || like != "" {
			return refuseUnless(err, ErrNotApproved.With("state", state).With("like", like))
		}
	default:
		return ErrNotApproved.With("state", state)
	}
	return onItsShelf(tx, program, version, policy)
}

func refuseUnless(err, refusal error) error {
	if err != nil {
		return err
	}
	return refusal
}

// livesUnverified tells whether the program's versions may go out without a look at them.
func livesUnverified(tx core.App, program *core.Record, policy check.Policy) (bool, error) {
	if !policy.Tiers[TierUnverified].Live {
		return false, nil
	}
	var reviewed int
	err := tx.DB().NewQuery(`SELECT COUNT(*) FROM programs_versions WHERE program = {:program} AND reviewed
		AND (released_at != '' OR state = 'rolling_out')`).Bind(dbx.Params{"program": program.Id}).Row(&reviewed)
	return reviewed == 0, err
}

// onItsShelf refuses a category that is for certified organisations to anybody else.
func onItsShelf(tx core.App, program, version *core.Record, policy check.Policy) error {
	m, err := manifestOf(version)
	if err != nil {
		return err
	}
	id := m.Plaza.Category
	if id == "" {
		id = program.GetString("category")
	}
	if category, known := policy.Category(id); !known || !category.Certified {
		return nil
	}
	var certified bool
	err = tx.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM orgs WHERE id = {:org} AND certified)").
		Bind(dbx.Params{"org": program.GetString("org")}).Row(&certified)
	if err != nil || certified {
		return err
	}
	return ErrNotCertified.With("category", id)
}

// give makes the version what everybody gets; what people had until now is left in the given state.
func give(tx core.App, program, version *core.Record, left string, now time.Time) error {
	if err := leave(tx, version, left, program.GetString("release"), program.GetString("rollout")); err != nil {
		return err
	}
	version.Set("state", "released")
	if !wasReleased(version) {
		version.Set("released_at", now)
	}
	if err := saveMoved(tx, version); err != nil {
		return err
	}
	program.Load(map[string]any{"release": version.Id, "rollout": "", "percent": 0})
	return show(tx, program, version, now)
}

// rollOut makes the version what some people get first.
func rollOut(tx core.App, program, version *core.Record, percent int, now time.Time) error {
	if err := leave(tx, version, "superseded", program.GetString("rollout")); err != nil {
		return err
	}
	version.Set("state", "rolling_out")
	if err := saveMoved(tx, version); err != nil {
		return err
	}
	program.Load(map[string]any{"rollout": version.Id, "percent": percent})
	if program.GetString("release") == "" {
		return show(tx, program, version, now)
	}
	if err := tx.Save(program); err != nil { // it goes on looking as most people have it
		return fmt.Errorf("save program: %w", err)
	}
	return nil
}

// show makes the program look as this version's manifest says, and be in the store.
func show(tx core.App, program, version *core.Record, now time.Time) error {
	m, err := manifestOf(version)
	if err != nil {
		return err
	}
	kind := version.GetString("kind")
	if kind == "" {
		kind = program.GetString("kind") // of a version from before there were kinds
	}
	describe(program, m, kind, version.GetString("package"))
	program.Load(map[string]any{"status": "live", "tier": tierOf(version)})
	if program.GetDateTime("released_at").IsZero() {
		program.Set("released_at", now)
	}
	if err := tx.Save(program); err != nil {
		return fmt.Errorf("save program: %w", err)
	}
	return nil
}

// leave puts the versions that go into the state, before another takes their place: a program has one released
// version and one that is rolling out, which two unique indexes see to.
func leave(tx core.App, stays *core.Record, state string, ids ...string) error {
	for _, id := range ids {
		if id == "" || id == stays.Id {
			continue
		}
		version, err := tx.FindRecordById("programs_versions", id)
		if err != nil {
			return err
		}
		version.Set("state", state)
		if err := tx.Save(version); err != nil {
			return fmt.Errorf("save version: %w", err)
		}
	}
	return nil
}

// saveMoved saves a version that has reached people; what was planned for it is over.
func saveMoved(tx core.App, version *core.Record) error {
	version.Load(map[string]any{"scheduled_at": "", "scheduled_percent": 0})
	if err := tx.Save(version); err != nil {
		return fmt.Errorf("save version: %w", err)
	}
	return nil
}

func wasReleased(version *core.Record) bool { return !version.GetDateTime("released_at").IsZero() }

func tierOf(version *core.Record) string {
	if version.GetBool("reviewed") {
		return TierReviewed
	}
	return TierUnverified
}

func manifestOf(version *core.Record) (check.Manifest, error) {
	var m check.Manifest
	if err := version.UnmarshalJSONField("manifest", &m); err != nil {
		return m, fmt.Errorf("manifest of version %s: %w", version.Id, err)
	}
	return m, nil
}
