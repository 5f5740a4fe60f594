package clouddb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"plaza.internal/plaza/internal/sqlite"
)

// Session is one call of a page or of a function: what it asks goes to the program's file, and into its transaction
// while one is open. Close rolls back what was not committed, so a function that ends, however it ends, leaves nothing
// half done.
type Session struct {
	files *Files
	appid string
	who   Caller

	mu   sync.Mutex
	open *transaction
}

// transaction holds the turn to write of its file.
type transaction struct {
	view *view
	file *file
}

// Session begins one for the program.
func (f *Files) Session(appid string, who Caller) *Session {
	return &Session{files: f, appid: appid, who: who}
}

// read runs inside the open transaction, or in one of its own that sees one state of the file.
func (s *Session) read(ctx context.Context, run func(*view) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, QueryTime)
	defer cancel()
	if s.open != nil {
		return named(ctx, s.within(ctx, run))
	}
	one, err := s.take(ctx)
	if err != nil {
		return named(ctx, err)
	}
	defer s.files.give(one)
	tx, err := one.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return named(ctx, err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	v := &view{ctx: ctx, tx: tx, file: one, who: s.who}
	return named(ctx, v.judged(run(v)))
}

// within runs in the open transaction, and leaves nothing of what failed.
func (s *Session) within(ctx context.Context, run func(*view) error) error {
	v := s.open.view
	v.ctx = ctx
	if err := v.exec("SAVEPOINT step"); err != nil {
		return err
	}
	err := v.judged(run(v))
	if err != nil {
		v.ctx = context.WithoutCancel(ctx)
		if undone := v.exec("ROLLBACK TO step"); undone != nil {
			s.end(false) //nolint:errcheck // a full file ends the whole transaction by itself
			return err
		}
	}
	return errors.Join(err, v.exec("RELEASE step"))
}

// take is the file, with what the caller's version declares.
func (s *Session) take(ctx context.Context) (*file, error) {
	one, err := s.files.take(s.appid)
	if err != nil {
		return nil, err
	}
	if err := one.declare(ctx, s.who); err != nil {
		s.files.give(one)
		return nil, err
	}
	return one, nil
}

// write runs inside the open transaction, or in one of its own; a page's with a key that was answered already does
// nothing and gives that answer.
func (s *Session) write(ctx context.Context, run func(*view) (any, error)) (out json.RawMessage, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, QueryTime)
	defer cancel()
	step := func(v *view) error {
		if out, err = v.answered(); err != nil || out != nil {
			return err
		}
		result, err := run(v)
		if err != nil {
			return err
		}
		if out, err = json.Marshal(result); err != nil {
			return err
		}
		return v.answer(out)
	}
	if s.open != nil {
		err = s.within(ctx, step)
		return out, named(ctx, err)
	}
	if err := s.begin(ctx, ctx); err != nil {
		return nil, named(ctx, err)
	}
	if err := s.open.view.judged(step(s.open.view)); err != nil {
		_ = s.end(false)
		return nil, named(ctx, err)
	}
	return out, named(ctx, s.end(true))
}

// answered is what a request of this key was answered with before.
func (v *view) answered() (json.RawMessage, error) {
	if v.who.Key == "" {
		return nil, nil
	}
	var kept string
	err := v.tx.QueryRowContext(v.ctx, "SELECT answer FROM answers WHERE key = ?", v.who.OpenID+"/"+v.who.Key).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return json.RawMessage(kept), err
}

func (v *view) answer(out json.RawMessage) error {
	if v.who.Key == "" {
		return nil
	}
	now := v.who.Now
	if err := v.exec("DELETE FROM answers WHERE at < ?", now.Add(-answersKeptFor).UnixMilli()); err != nil {
		return err
	}
	return v.exec("INSERT INTO answers (key, answer, at) VALUES (?, ?, ?)", v.who.OpenID+"/"+v.who.Key, string(out), now.UnixMilli())
}

// begin takes the turn to write, as long as wait lasts, for a transaction that lives as long as life.
func (s *Session) begin(wait, life context.Context) error {
	one, err := s.take(wait)
	if err != nil {
		return err
	}
	if err := one.lock(wait); err != nil {
		s.files.give(one)
		return err
	}
	tx, err := one.writer.BeginTx(life, nil)
	if err != nil {
		one.unlock()
		s.files.give(one)
		return err
	}
	s.open = &transaction{file: one, view: &view{ctx: life, tx: tx, file: one, who: s.who, changed: map[string]bool{}}}
	return nil
}

// end commits or rolls back, gives the turn to the next, and wakes those who watch.
func (s *Session) end(commit bool) error {
	open := s.open
	s.open = nil
	var err error
	if commit {
		err = open.view.tx.Commit()
	} else if err = open.view.tx.Rollback(); errors.Is(err, sql.ErrTxDone) {
		err = nil // its context had ended it
	}
	open.file.unlock()
	s.files.give(open.file)
	if commit && err == nil {
		s.files.wake(s.appid, open.view.changed)
	}
	return err
}

// Begin opens a transaction, for functions only; until its end no one else writes to the program's file. It lives as
// long as ctx.
func (s *Session) Begin(ctx context.Context) error {
	if !s.who.Server {
		return ErrServerOnly
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		return ErrTransaction
	}
	wait, cancel := context.WithTimeout(ctx, QueryTime)
	defer cancel()
	return named(wait, s.begin(wait, ctx))
}

// End commits the open transaction, or undoes it.
func (s *Session) End(ctx context.Context, commit bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return ErrTransaction
	}
	return named(ctx, s.end(commit))
}

// Open tells whether a transaction is open.
func (s *Session) Open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open != nil
}

// Close undoes what was not committed.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return nil
	}
	return s.end(false)
}

// named gives what went wrong its name: no room, or no time.
func named(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case sqlite.IsFull(err):
		return ErrQuota.With("limit", FileLimit)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrTooSlow.With("limit_ms", QueryTime.Milliseconds())
	case ctx.Err() != nil:
		return fmt.Errorf("clouddb: %w", ctx.Err())
	}
	return err
}
