package nearby

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/nearby/hours"
)

const (
	schedulesKey = "plaza.nearby.schedules"
	// schedulesKept is how many schedules stay read. A town has some thousand different opening hours.
	schedulesKept = 20_000
)

// schedule is a row of nearby_hours that was read. A row never changes, so neither does this.
type schedule struct {
	parsed *hours.Schedule // nil when the value cannot be read
	zone   *time.Location
	last   atomic.Pointer[stateThen]
}

// stateThen is what a schedule said the last time: it holds from then until it changes.
type stateThen struct {
	from, until time.Time // until is zero when it never changes within a year
	good        time.Time // until when this may be said again
	state       hours.State
	comment     string
}

// stateKept is for how long a state that never changes is said again unasked.
const stateKept = 24 * time.Hour

// at is the state at an instant. Until the next change it is remembered; where a comment may change before that, for the
// minute, since nothing changes within one.
func (s *schedule) at(t time.Time) stateThen {
	if s == nil || s.parsed == nil {
		return stateThen{state: hours.Unknown}
	}
	if then := s.last.Load(); then != nil && !t.Before(then.from) && t.Before(then.good) {
		return *then
	}
	then := &stateThen{from: t}
	then.state, then.until, then.comment = s.parsed.At(t.In(s.zone))
	switch {
	case s.parsed.Comments():
		then.good = t.Truncate(time.Minute).Add(time.Minute)
	case then.until.IsZero():
		then.good = t.Add(stateKept)
	default:
		then.good = then.until
	}
	s.last.Store(then)
	return *then
}

// schedules are those that were read lately, by id.
type schedules struct {
	mu   sync.RWMutex
	byID map[int64]*schedule
}

func schedulesOf(app core.App) *schedules {
	return app.Store().GetOrSet(schedulesKey, func() any { return &schedules{byID: map[int64]*schedule{}} }).(*schedules)
}

// load is the schedules of those ids; one that is not there is missing.
func (s *schedules) load(app core.App, ids []int64) (map[int64]*schedule, error) {
	found := make(map[int64]*schedule, len(ids))
	var missing []string
	s.mu.RLock()
	for _, id := range ids {
		if one := s.byID[id]; one != nil {
			found[id] = one
		} else if id != 0 {
			missing = append(missing, strconv.FormatInt(id, 10))
		}
	}
	s.mu.RUnlock()
	if len(missing) == 0 {
		return found, nil
	}
	var rows []struct {
		ID         int64  `db:"id"`
		Value      string `db:"value"`
		Timezone   string `db:"timezone"`
		Exceptions string `db:"exceptions"`
	}
	if err := app.DB().NewQuery("SELECT id, value, timezone, exceptions FROM nearby_hours WHERE id IN (" + strings.Join(missing, ",") + ")").All(&rows); err != nil {
		return nil, fmt.Errorf("opening hours: %w", err)
	}
	read := map[int64]*schedule{}
	for _, row := range rows {
		read[row.ID] = readSchedule(row.Value, row.Timezone, row.Exceptions)
	}
	maps.Copy(found, read)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID)+len(read) > schedulesKept {
		clear(s.byID) // what is in use comes back at once
	}
	maps.Copy(s.byID, read)
	return found, nil
}

// readSchedule reads hours with their exceptions. What cannot be read is unknown, on the days of exceptions too.
func readSchedule(value, timezone, exceptions string) *schedule {
	out := &schedule{zone: time.UTC}
	if zone, err := time.LoadLocation(timezone); err == nil {
		out.zone = zone
	}
	parsed, err := hours.Parse(value)
	var days []Exception
	if exceptions != "" {
		_ = json.Unmarshal([]byte(exceptions), &days) // written by us
	}
	if len(days) == 0 {
		if err == nil {
			out.parsed = parsed
		}
		return out
	}
	if err != nil {
		parsed, _ = hours.Parse("unknown")
	}
	list := make([]hours.Day, 0, len(days))
	for _, day := range days {
		if date, err := time.Parse(time.DateOnly, day.Date); err == nil {
			list = append(list, hours.Day{Date: date, Value: day.Hours, Comment: day.Note})
		}
	}
	if parsed, err = parsed.Except(list); err == nil {
		out.parsed = parsed
	}
	return out
}

// intern is the row of nearby_hours for hours; 0 for none.
func intern(tx core.App, value, timezone string, exceptions []Exception) (int64, error) {
	if strings.TrimSpace(value) == "" && len(exceptions) == 0 {
		return 0, nil
	}
	told := ""
	if len(exceptions) > 0 {
		raw, err := json.Marshal(exceptions)
		if err != nil {
			return 0, err
		}
		told = string(raw)
	}
	params := dbx.Params{"value": value, "timezone": timezone, "exceptions": told}
	var id int64
	err := ledger.Statement(tx, "SELECT id FROM nearby_hours WHERE value = {:value} AND timezone = {:timezone} AND exceptions = {:exceptions}").
		Bind(params).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ledger.Statement(tx, `INSERT INTO nearby_hours (value, timezone, exceptions) VALUES ({:value}, {:timezone}, {:exceptions}) RETURNING id`).
			Bind(params).Row(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("keep opening hours: %w", err)
	}
	return id, nil
}

// ForgetHours takes out opening hours that no listing has any more. Ids are never used again.
func ForgetHours(app core.App) error {
	_, err := app.NonconcurrentDB().NewQuery(`DELETE FROM nearby_hours WHERE id NOT IN (
		SELECT schedule FROM nearby_listings UNION SELECT happy FROM nearby_listings)`).Execute()
	return err
}
