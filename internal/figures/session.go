package figures

import (
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/ledger"
)

// windowBits is how far behind the latest event one may come and still be counted: two whole batches and some.
const windowBits = 256

// session is one launch: which of its events are counted, and where it is.
type session struct {
	known  bool
	seq    int                  // the highest number counted
	seen   [windowBits / 8]byte // bit n: the event number seq-n is counted
	path   string               // the page where it is, "" before the first
	day    string               // the day on which its exit is counted
	loaded bool                 // its load time is counted
	last   time.Time            // when its last batch came
}

// first tells whether an event of this number comes for the first time, and remembers it. One that is too far
// behind might have been counted, so it is not.
func (s *session) first(seq int) bool {
	if seq < 1 || seq > LaunchEvents {
		return false
	}
	if seq > s.seq {
		s.shift(seq - s.seq)
		s.seq = seq
		s.seen[0] |= 1
		return true
	}
	behind := s.seq - seq
	if behind >= windowBits || s.seen[behind/8]&(1<<(behind%8)) != 0 {
		return false
	}
	s.seen[behind/8] |= 1 << (behind % 8)
	return true
}

// shift moves every bit up by n places.
func (s *session) shift(n int) {
	const words = windowBits / 64
	var old [words]uint64
	for i := range old {
		old[i] = binary.LittleEndian.Uint64(s.seen[i*8:])
	}
	for i := range old {
		var word uint64
		if from := i - n/64; from >= 0 {
			word = old[from] << (n % 64)
			if from > 0 && n%64 > 0 {
				word |= old[from-1] >> (64 - n%64)
			}
		}
		binary.LittleEndian.PutUint64(s.seen[i*8:], word)
	}
}

func (d diary) session(id string) (session, error) {
	var at session
	var seen string
	var last int64
	err := ledger.Statement(d.tx, "SELECT seq, seen, path, day, loaded, at FROM figures_sessions WHERE session = {:session}").
		Bind(dbx.Params{"session": id}).Row(&at.seq, &seen, &at.path, &at.day, &at.loaded, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return at, nil
	}
	if err != nil {
		return at, err
	}
	at.known, at.last = true, time.Unix(last, 0)
	_, err = hex.Decode(at.seen[:], []byte(seen))
	return at, err
}

func (d diary) keep(t taking, at session) error {
	_, err := ledger.Statement(d.tx, `INSERT INTO figures_sessions (session, seq, seen, path, day, loaded, at, program, org, here, began)
		VALUES ({:session}, {:seq}, {:seen}, {:path}, {:day}, {:loaded}, {:at}, {:program}, {:org}, {:here}, {:at}) ON CONFLICT (session)
		DO UPDATE SET seq = excluded.seq, seen = excluded.seen, path = excluded.path, day = excluded.day, loaded = excluded.loaded,
		at = excluded.at`).
		Bind(dbx.Params{
			"session": t.batch.Session, "seq": at.seq, "seen": hex.EncodeToString(at.seen[:]), "path": at.path, "day": at.day,
			"loaded": at.loaded, "at": t.now.Unix(), "program": t.batch.Program, "org": t.batch.Org, "here": uint32(t.hash),
		}).Execute()
	return err
}
