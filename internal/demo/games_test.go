package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/leaderboards"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	miniprograms "plaza.internal/plaza/mini_programs"
)

func shipped(t testing.TB, path string) []byte {
	t.Helper()
	source, err := fs.ReadFile(miniprograms.Files, path)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// engine runs a piece of JavaScript beside the game's own rules, in a real worker with the real limits.
func engine(t testing.TB, main string, event any, answer any) {
	t.Helper()
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	defer pool.Close()
	sent, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{
		"index.js":  `const engine = require("./engine"); exports.main = (event) => { ` + main + ` }`,
		"engine.js": string(shipped(t, "tiles/cloudfunctions/finish/engine.js")),
	}
	result, err := pool.Call(t.Context(), sandbox.Call{App: "tiles", Version: "1", Function: "engine", Modules: modules, Event: sent}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(result.Value, answer); err != nil {
		t.Fatal(err)
	}
}

// playing is a player without much sense: it goes round the corners until nothing moves.
const playing = `
	const play = (seed, most) => {
		const game = engine.begin(seed), moves = []
		let turn = 0
		while (!engine.isOver(game) && moves.length < most) {
			turn++
			const direction = [3, 2, 3, 2, 1, 0][turn % 6]
			const way = turn % 7 === 0 ? (seed * turn) >>> 3 & 3 : direction
			if (engine.move(game, way)) moves.push(way)
		}
		return { game, moves }
	}`

// The phone and the server play by the very same file: a difference of one sign would refuse honest scores.
func TestTheGameAndItsJudgePlayByTheSameRules(t *testing.T) {
	if !bytes.Equal(shipped(t, "tiles/lib/engine.js"), shipped(t, "tiles/cloudfunctions/finish/engine.js")) {
		t.Error("lib/engine.js and cloudfunctions/finish/engine.js differ")
	}
}

// Whatever is played, its log gives the same board and the same score again; every other log gives something else.
func TestAGamePlayedAgainIsTheSameGame(t *testing.T) {
	var wrong []string
	engine(t, playing+`
		const wrong = []
		for (let seed = 1; seed <= event.games; seed++) {
			const { game, moves } = play(seed * 2654435761 >>> 0, Infinity)
			const log = engine.pack(moves)
			const again = engine.replay(seed * 2654435761 >>> 0, engine.unpack(log))
			if (!again || again.score !== game.score || String(again.rows) !== String(game.rows)) wrong.push("game " + seed)
			const short = engine.replay(seed * 2654435761 >>> 0, moves.slice(0, -1))
			if (!short || engine.isOver(short)) wrong.push("a shorter log is as good, " + seed)
			if (engine.move(game, seed & 3)) wrong.push("a game that is over goes on, " + seed)
			const other = engine.replay(seed, moves)
			if (other && String(other.rows) === String(again.rows)) wrong.push("the seed says nothing, " + seed)
			for (const rows of game.rows) if (rows < 0 || rows > 65535) wrong.push("a row out of its bits, " + seed)
		}
		return wrong`, map[string]any{"games": 120}, &wrong)
	for _, what := range wrong {
		t.Error(what)
	}
}

// The sum on the board follows from the number of moves within narrow bounds, and a joined pair is worth what it shows:
// the rules invent nothing.
func TestTilesAreNeitherLostNorInvented(t *testing.T) {
	var wrong []string
	engine(t, playing+`
		const wrong = []
		for (let seed = 1; seed <= 60; seed++) {
			const { game, moves } = play(seed, 150)
			let sum = 0
			for (let square = 0; square < 16; square++) { const tile = engine.tileAt(game, square); sum += tile ? 2 ** tile : 0 }
			const came = moves.length + 2
			if (sum < 2 * came || sum > 4 * came) wrong.push(seed + ": " + sum + " of " + came + " tiles")
			if (game.score % 4 !== 0 || game.moves !== moves.length) wrong.push(seed + ": score " + game.score)
		}
		return wrong`, nil, &wrong)
	for _, what := range wrong {
		t.Error(what)
	}
}

// What cannot be a log is none: text of other signs, wrong lengths, left-overs in the last sign, too many moves.
func TestALogIsReadStrictly(t *testing.T) {
	var read []bool
	logs := []any{
		"", "0", "0.", "0.A", "1.", "1.AA", "1.B", "1.E", "4.AA", "3.A", "3.!", "03.A", "-1.A", "1e1.AAAA", "40000." + strings.Repeat("A", 13334),
		"40001." + strings.Repeat("A", 13334), "99999.", " 3.A", "3.A\n", nil, 3,
		[]any{0, 1},
		map[string]any{"length": 3},
	}
	engine(t, `return event.map((log) => engine.unpack(log) !== null)`, logs, &read)
	good := map[int]bool{2: true, 6: true, 8: true, 9: true, 14: true}
	for i, ok := range read {
		if ok != good[i] {
			t.Errorf("%.40v is read: %t", logs[i], ok)
		}
	}
}

// The longest game that a log can hold is judged within the time that a function has, with much to spare.
func TestTheLongestGameIsJudgedInTime(t *testing.T) {
	var judged struct{ Moves, Millis float64 }
	engine(t, playing+`
		const began = Date.now()
		let moves = 0
		for (let seed = 1; moves < engine.MOST_MOVES; seed++) {
			const game = engine.begin(seed)
			for (let turn = 0; turn < 60 && moves < engine.MOST_MOVES; turn++) if (engine.move(game, turn & 3)) moves++
		}
		return { Moves: moves, Millis: Date.now() - began }`, nil, &judged)
	if judged.Moves != 40_000 || judged.Millis > 3_000 {
		t.Errorf("%.0f moves took %.0f ms", judged.Moves, judged.Millis)
	}
	t.Logf("%.0f moves in %.0f ms", judged.Moves, judged.Millis)
}

// arcade is a Plaza with the two games in it, and a host that gives points.
type arcade struct {
	core.App
	t        *testing.T
	client   *apptest.Client
	host     string
	mu       sync.Mutex
	launches map[string]string
}

func newArcade(t *testing.T, games ...string) *arcade {
	t.Helper()
	pool := sandbox.NewPool(sandbox.Options{Workers: 2})
	t.Cleanup(pool.Close)
	app := apptest.New(t, ledger.Register, loyalty.Register, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register,
		clouddb.Register, func(app core.App) { programs.BeforeRelease(app, clouddb.Prepare) }, leaderboards.Register,
		func(app core.App) { bridge.Register(app, pool) })
	clock.Set(app, noon)
	host, err := programs.Host(app)
	if err != nil {
		t.Fatal(err)
	}
	apptest.Record(t, app, "loyalty_programs", map[string]any{
		"org": host, "name": "Plaza points", "spend_per_point": 100, "point_value": 1, "expiry_kind": "rolling", "expiry_months": 12, "timezone": "Europe/Paris",
	})
	folder := fstest.MapFS{}
	for _, game := range games {
		err = fs.WalkDir(miniprograms.Files, game, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			folder[path] = &fstest.MapFile{Data: shipped(t, path)}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := programs.Seed(t.Context(), app, folder, host, noon); err != nil {
		t.Fatal(err)
	}
	return &arcade{App: app, t: t, client: apptest.NewClient(t, app), host: host, launches: map[string]string{}}
}

func (a *arcade) token(who *core.Record, appid string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := clock.Now(a)
	key := fmt.Sprint(who.Id, appid, now.Unix()/1800)
	if a.launches[key] == "" {
		launched, err := programs.Launch(a.App, who, appid, programs.Opening{}, now)
		if err != nil {
			a.t.Fatal(err)
		}
		a.launches[key] = launched.Token
	}
	return a.launches[key]
}

// call runs a function of the game for somebody.
func (a *arcade) call(who *core.Record, appid, function string, event map[string]any) map[string]any {
	a.t.Helper()
	answer := a.client.Do(http.MethodPost, "/api/mp/"+appid+"/call/"+function, apptest.Token(a.t, who), map[string]any{"event": event},
		map[string]string{bridge.LaunchHeader: a.token(who, appid)})
	if answer.Status != http.StatusOK {
		a.t.Errorf("%s %v: %d %s", function, event, answer.Status, answer.Body)
	}
	result, _ := answer.JSON()["result"].(map[string]any)
	return result
}

// bridge calls a method as the game's page does.
func (a *arcade) bridge(who *core.Record, appid, method string, args map[string]any) apptest.Answer {
	a.t.Helper()
	return a.client.Do(http.MethodPost, "/api/mp/"+appid+"/bridge/"+method, apptest.Token(a.t, who), map[string]any{"args": args},
		map[string]string{bridge.LaunchHeader: a.token(who, appid)})
}

// refused is why a call did not do what was asked; empty when it did.
func refused(result map[string]any) string {
	why, _ := result["refused"].(string)
	return why
}

// played is a whole game from a seed: its score and its log.
func played(t *testing.T, seed float64, most int) (score float64, log string) {
	t.Helper()
	var game struct {
		Score float64
		Log   string
	}
	engine(t, playing+`
		const { game, moves } = play(event.seed, event.most); return { Score: game.score, Log: engine.pack(moves) }`,
		map[string]any{"seed": seed, "most": most}, &game)
	return game.Score, game.Log
}

// A game is believed when it can be played again, and never otherwise: not with another score, another log, another
// person's play, or twice.
func TestAForgedScoreOfTilesIsRefused(t *testing.T) {
	a := newArcade(t, "tiles")
	ana, eve := apptest.Person(t, a.App, "Ana"), apptest.Person(t, a.App, "Eve")
	begin := func(who *core.Record, mode string) (string, float64) {
		started := a.call(who, "tiles", "start", map[string]any{"mode": mode})
		play, _ := started["play"].(string)
		seed, _ := started["seed"].(float64)
		return play, seed
	}
	finish := func(who *core.Record, play string, score, log any) map[string]any {
		return a.call(who, "tiles", "finish", map[string]any{"play": play, "score": score, "log": log})
	}
	play, seed := begin(ana, "ranked")
	score, log := played(t, seed, 80)
	if why := refused(finish(eve, play, score, log)); why != "play_unknown" {
		t.Errorf("another person's play: %q", why)
	}
	if result := finish(ana, play, score, log); refused(result) != "" || result["rank"] != 1.0 {
		t.Errorf("%v", result)
	}
	// An answer that was lost is given again; a better score with it is not.
	if result := finish(ana, play, score, log); result["rank"] != 1.0 {
		t.Errorf("%v", result)
	}
	if why := refused(finish(ana, play, score+4, log)); why != "play_used" {
		t.Errorf("a second score: %q", why)
	}
	for name, forge := range map[string]func(score float64, log string) (any, any){
		"score_differs":   func(score float64, log string) (any, any) { return score + 4, log },
		"huge":            func(_ float64, log string) (any, any) { return 9007199254740991, log },
		"negative":        func(_ float64, log string) (any, any) { return -4, log },
		"text":            func(score float64, log string) (any, any) { return fmt.Sprint(score), log },
		"truncated":       func(score float64, _ string) (any, any) { _, short := played(t, 7, 20); return score, short },
		"nothing":         func(score float64, _ string) (any, any) { return score, "0." },
		"log_unreadable":  func(score float64, log string) (any, any) { return score, log + "A" },
		"no log":          func(score float64, _ string) (any, any) { return score, nil },
		"move_impossible": func(score float64, _ string) (any, any) { return score, "60." + strings.Repeat("A", 20) },
	} {
		play, seed := begin(eve, "ranked")
		score, log := played(t, seed, 80)
		wrong, forged := forge(score, log)
		why := refused(finish(eve, play, wrong, forged))
		if why != "score_differs" && why != "log_unreadable" && why != "move_impossible" {
			t.Errorf("%s: %q", name, why)
		}
		// The play is over with it: nobody tries until it fits.
		if again := refused(finish(eve, play, score, log)); again != why {
			t.Errorf("%s, and then the truth: %q", name, again)
		}
	}
	for _, board := range []string{"week", "world", "today"} {
		answer := a.bridge(eve, "tiles", "leaderboards.submit", map[string]any{"board": board, "score": 4})
		if answer.Code() != "board_authoritative" {
			t.Errorf("a page's own score on %s: %d %s", board, answer.Status, answer.Body)
		}
		top := a.bridge(eve, "tiles", "leaderboards.top", map[string]any{"board": board})
		if entries := top.JSON()["entries"].([]any); len(entries) != map[string]int{"week": 1, "world": 1}[board] {
			t.Errorf("%s: %s", board, top.Body)
		}
	}
}

// A call that broke off after the board had taken the score is finished by the next one: with what the board says, and
// on the other boards too. A play that no longer counts is over, and nothing comes of another one's score.
func TestAFinishThatBrokeOffIsFinishedLater(t *testing.T) {
	a := newArcade(t, "tiles")
	ana := apptest.Person(t, a.App, "Ana")
	started := a.call(ana, "tiles", "start", map[string]any{"mode": "ranked"})
	score, log := played(t, started["seed"].(float64), 80)
	program, err := programs.Live(a.App, "tiles")
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(score)
	play := started["play"].(string)
	_, err = leaderboards.Submit(a.App, leaderboards.Caller{Program: program, User: ana, Function: true},
		leaderboards.Submission{Board: "week", Play: play, Score: raw}, noon)
	if err != nil {
		t.Fatal(err)
	}
	finish := func(play any, score, log any) map[string]any {
		return a.call(ana, "tiles", "finish", map[string]any{"play": play, "score": score, "log": log})
	}
	session := clouddb.Of(a.App).Session("tiles", clouddb.Caller{Server: true})
	defer session.Close() //nolint:errcheck // nothing is open in it
	write := clouddb.Write{Collection: "plays", Where: map[string]any{"_id": play}, Data: map[string]any{"$set": map[string]any{"sent": score}}}
	if _, err := session.Update(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if result := finish(play, score, log); refused(result) != "" || result["rank"] != 1.0 || result["best"] != score {
			t.Errorf("%v", result)
		}
	}
	// Of many at once, none spoils what another one has reached.
	started = a.call(ana, "tiles", "start", map[string]any{"mode": "ranked"})
	score, log = played(t, started["seed"].(float64), 120)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { finish(started["play"], score, log) })
	}
	all.Wait()
	if result := finish(started["play"], score, log); refused(result) != "" {
		t.Errorf("after many at once: %v", result)
	}
	for _, board := range []string{"week", "world"} {
		top := a.bridge(ana, "tiles", "leaderboards.top", map[string]any{"board": board})
		if entries := top.JSON()["entries"].([]any); len(entries) != 1 {
			t.Errorf("%s: %s", board, top.Body)
		}
	}
}

// Today's board is the same for everybody, and another one tomorrow; one game at a time.
func TestTodaysTilesAreEverybodys(t *testing.T) {
	a := newArcade(t, "tiles")
	ana, ben := apptest.Person(t, a.App, "Ana"), apptest.Person(t, a.App, "Ben")
	start := func(who *core.Record) map[string]any {
		return a.call(who, "tiles", "start", map[string]any{"mode": "today"})
	}
	first := start(ana)
	if other := start(ben); other["seed"] != first["seed"] || other["play"] == first["play"] {
		t.Errorf("%v and %v", first, other)
	}
	second := start(ana)
	score, log := played(t, first["seed"].(float64), 50)
	if why := refused(a.call(ana, "tiles", "finish", map[string]any{"play": first["play"], "score": score, "log": log})); why != "play_used" {
		t.Errorf("a game that was left for another: %q", why)
	}
	if why := refused(a.call(ana, "tiles", "finish", map[string]any{"play": second["play"], "score": score, "log": log})); why != "" {
		t.Errorf("the game that was gone on with: %q", why)
	}
	clock.Set(a.App, noon.AddDate(0, 0, 1))
	if tomorrow := start(ana); tomorrow["seed"] == first["seed"] {
		t.Error("tomorrow has today's tiles")
	}
}

// asked is an open question as the page has it.
type asked struct {
	index   float64
	answers []any
	text    string
}

func (a *arcade) begin(who *core.Record) (asked, map[string]any) {
	a.t.Helper()
	result := a.call(who, "quiz", "quiz", map[string]any{"act": "begin", "language": "en"})
	question, _ := result["question"].(map[string]any)
	if question == nil {
		return asked{}, result
	}
	return asked{question["index"].(float64), question["answers"].([]any), question["ask"].(string)}, result
}

// bank is the right answer by question, from the file that no phone gets.
func bank(t *testing.T) map[string]string {
	t.Helper()
	right := map[string]string{}
	source := string(shipped(t, "quiz/cloudfunctions/quiz/bank.js"))
	_, text, _ := strings.Cut(source, "`\n")
	text, _, _ = strings.Cut(text, "`")
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(block, "\n")
		if len(lines) != 4 {
			t.Fatalf("a question has %d lines: %s", len(lines), block)
		}
		for _, line := range lines[1:] {
			parts := strings.Split(line, "|")
			seen := map[string]bool{}
			for _, part := range parts {
				seen[part] = true
			}
			if len(parts) != 5 || len(seen) != 5 {
				t.Errorf("not a question and four answers: %s", line)
			}
		}
		parts := strings.Split(lines[1], "|")
		if right[parts[0]] != "" {
			t.Errorf("asked twice: %s", parts[0])
		}
		right[parts[0]] = parts[1]
	}
	return right
}

// about tells whether a number is what it should be, but for the moments that the story itself took.
func about(got any, wanted, less float64) bool {
	number, ok := got.(float64)
	return ok && number <= wanted && number >= wanted-less
}

// answer gives the right or a wrong answer after so many milliseconds.
func (a *arcade) answer(who *core.Record, question asked, wanted string, correct bool, after time.Duration) map[string]any {
	a.t.Helper()
	clock.Set(a.App, clock.Now(a).Add(after))
	for choice, text := range question.answers {
		if (text == wanted) == correct {
			return a.call(who, "quiz", "quiz", map[string]any{"act": "answer", "index": question.index, "choice": choice})
		}
	}
	a.t.Fatalf("%s: %q is not among %v", question.text, wanted, question.answers)
	return nil
}

// through plays the whole quiz and answers its result.
func (a *arcade) through(who *core.Record, right map[string]string, correct int, after time.Duration) map[string]any {
	a.t.Helper()
	for n := range 8 {
		question, _ := a.begin(who)
		if question.text == "" {
			a.t.Fatalf("there is no question %d", n)
		}
		a.answer(who, question, right[question.text], n < correct, after)
	}
	_, result := a.begin(who)
	end, _ := result["result"].(map[string]any)
	if end == nil {
		a.t.Fatalf("no result: %v", result)
	}
	return end
}

// Two people play, the quicker one is first, and at midnight the prizes come: once, however often the day ends.
func TestTheQuizOfTheDayIsATournament(t *testing.T) {
	a := newArcade(t, "quiz")
	right := bank(t)
	if len(right) < 90 {
		t.Errorf("%d questions", len(right))
	}
	ana, ben := apptest.Person(t, a.App, "Ana"), apptest.Person(t, a.App, "Ben")
	if end := a.through(ben, right, 8, 9*time.Second); !about(end["score"], 8*640, 8*30) || end["rank"] != 1.0 {
		t.Errorf("Ben: %v", end)
	}
	if end := a.through(ana, right, 8, 3*time.Second); !about(end["score"], 8*880, 8*30) || end["rank"] != 1.0 {
		t.Errorf("Ana: %v", end)
	}
	if today := a.call(ben, "quiz", "quiz", map[string]any{"act": "today"}); today["state"] != "done" || today["players"] != 2.0 || today["streak"] != 1.0 {
		t.Errorf("%v", today)
	}
	// There is no second try.
	if _, result := a.begin(ben); result["result"] == nil {
		t.Errorf("%v", result)
	}
	midnight := time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{midnight.Add(-time.Second), midnight, midnight, midnight.Add(time.Hour)} {
		clock.Set(a.App, at)
		if _, err := leaderboards.CloseDue(a.App, at); err != nil {
			t.Fatal(err)
		}
	}
	for who, points := range map[*core.Record]int64{ana: 100, ben: 60} {
		statements, err := loyalty.Balances(a.App, who.Id, midnight)
		if err != nil || len(statements) != 1 || statements[0].Spendable != points {
			t.Errorf("%s has %+v (%v), want %d points", who.GetString("name"), statements, err, points)
		}
	}
	// The next day has other questions and the streak goes on; a day left out ends it.
	if end := a.through(ana, right, 5, time.Second); end["score"] == 0.0 {
		t.Errorf("%v", end)
	}
	if today := a.call(ana, "quiz", "quiz", map[string]any{"act": "today"}); today["streak"] != 2.0 {
		t.Errorf("%v", today)
	}
	clock.Set(a.App, midnight.AddDate(0, 0, 3))
	if today := a.call(ana, "quiz", "quiz", map[string]any{"act": "today"}); today["streak"] != 0.0 || today["longest"] != 2.0 {
		t.Errorf("%v", today)
	}
}

// The server's clock measures, whatever the page does: an answer is taken once, opening the page anew gives no time back,
// and what comes too late earns nothing.
func TestTheQuizTakesOneAnswerInTime(t *testing.T) {
	a := newArcade(t, "quiz")
	right := bank(t)
	ana := apptest.Person(t, a.App, "Ana")
	question, whole := a.begin(ana)
	if text, err := json.Marshal(whole); err != nil || bytes.Contains(text, []byte("right")) || !about(whole["question"].(map[string]any)["left"], 15_000, 800) {
		t.Errorf("%s %v", text, err)
	}
	clock.Set(a.App, noon.Add(6*time.Second))
	same, whole := a.begin(ana)
	if same.text != question.text || fmt.Sprint(same.answers) != fmt.Sprint(question.answers) || !about(whole["question"].(map[string]any)["left"], 10_500, 1_600) {
		t.Errorf("%v after %v", whole, question)
	}
	if told := a.answer(ana, question, right[question.text], true, 6*time.Second); !about(told["points"], 580, 80) {
		t.Errorf("%v", told)
	}
	if why := refused(a.answer(ana, question, right[question.text], true, 0)); why != "answered" {
		t.Errorf("the same answer again: %q", why)
	}
	late, _ := a.begin(ana)
	if told := a.answer(ana, late, right[late.text], true, 17*time.Second); told["points"] != 0.0 {
		t.Errorf("an answer after the time: %v", told)
	}
	for _, choice := range []any{-1, 4, 1e9, "0", nil, []any{0}, 0.5} {
		question, _ := a.begin(ana)
		told := a.call(ana, "quiz", "quiz", map[string]any{"act": "answer", "index": question.index, "choice": choice})
		if points, ok := told["points"].(float64); (!ok || points != 0) && fmt.Sprint(choice) != "0" && fmt.Sprint(choice) != "[0]" {
			t.Errorf("the answer %v: %v", choice, told)
		}
		if told["last"] == true {
			break
		}
	}
}

// Many answers at once are one answer, and many beginnings one game.
func TestTheQuizCountsAPersonOnce(t *testing.T) {
	a := newArcade(t, "quiz")
	right := bank(t)
	ana := apptest.Person(t, a.App, "Ana")
	a.token(ana, "quiz")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { a.call(ana, "quiz", "quiz", map[string]any{"act": "begin", "language": "fr"}) })
	}
	all.Wait()
	question, _ := a.begin(ana)
	if question.index != 0 {
		t.Errorf("question %v is open", question.index)
	}
	choice := 0
	for i, text := range question.answers {
		if text == right[question.text] {
			choice = i
		}
	}
	var mu sync.Mutex
	earned := 0.0
	for range 6 {
		all.Go(func() {
			told := a.call(ana, "quiz", "quiz", map[string]any{"act": "answer", "index": 0, "choice": choice})
			mu.Lock()
			defer mu.Unlock()
			if points, ok := told["points"].(float64); ok {
				earned += points
			}
		})
	}
	all.Wait()
	if _, next := a.begin(ana); !about(earned, 1000, 30) || next["question"].(map[string]any)["score"] != earned {
		t.Errorf("%v, earned %v", next, earned)
	}
}

// What is played for is what the manifest says.
func TestThePrizesAreThoseOfTheManifest(t *testing.T) {
	a := newArcade(t, "quiz")
	ana := apptest.Person(t, a.App, "Ana")
	shown, err := json.Marshal(a.call(ana, "quiz", "quiz", map[string]any{"act": "today"})["prizes"])
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Plaza struct {
			Leaderboards []struct {
				Tournament struct{ Prizes []map[string]any }
			}
		} `json:"x_plaza"`
	}
	if err := json.Unmarshal(shipped(t, "quiz/manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	declared, err := json.Marshal(manifest.Plaza.Leaderboards[0].Tournament.Prizes)
	if err != nil || string(shown) != string(declared) {
		t.Errorf("%s, and the manifest says %s (%v)", shown, declared, err)
	}
}
