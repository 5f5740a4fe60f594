package sqlite

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
)

// statementsPerConn is how many prepared statements a connection keeps; the least recently used goes first.
const statementsPerConn = 128

// connector opens connections that keep their prepared statements. PocketBase sends every statement as text,
// so SQLite would parse the same few over and over: a fifth of a purchase's work.
type connector struct {
	dsn    string
	driver driver.Driver
}

func (c connector) Driver() driver.Driver { return c.driver }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	inner, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks a method that statements are kept by"), opened.Close())
	}
	return &conn{sqliteConn: inner, kept: map[string]*list.Element{}, order: list.New()}, nil
}

// sqliteConn is what the driver's connections can do; database/sql looks for each of these by itself, and
// would fall back silently if wrapping hid one.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is used by one goroutine at a time, as database/sql promises.
type conn struct {
	sqliteConn
	kept  map[string]*list.Element // by text; a statement in use is not in it
	order *list.List               // most recently used first
}

// statement is a prepared statement with its text.
type statement struct {
	text string
	driver.Stmt
}

func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	defer c.keep(s)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		c.keep(s)
		return nil, err
	}
	return &rows{sqliteRows: result.(sqliteRows), done: func() { c.keep(s) }}, nil
}

// take is the kept statement of that text, or a new one; nobody else has it until it is kept again.
func (c *conn) take(ctx context.Context, text string) (*statement, error) {
	if element, ok := c.kept[text]; ok {
		delete(c.kept, text)
		return c.order.Remove(element).(*statement), nil
	}
	prepared, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &statement{text: text, Stmt: prepared}, nil
}

func (c *conn) keep(s *statement) {
	if _, twin := c.kept[s.text]; twin {
		_ = s.Close() // the same query was open twice; one is enough
		return
	}
	c.kept[s.text] = c.order.PushFront(s)
	if c.order.Len() > statementsPerConn {
		oldest := c.order.Remove(c.order.Back()).(*statement)
		delete(c.kept, oldest.text)
		_ = oldest.Close()
	}
}

func (c *conn) Close() error {
	for element := c.order.Front(); element != nil; element = element.Next() {
		_ = element.Value.(*statement).Close()
	}
	c.kept, c.order = map[string]*list.Element{}, list.New()
	return c.sqliteConn.Close()
}

// sqliteRows is what the driver's rows can do.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// rows gives the statement back once they are read.
type rows struct {
	sqliteRows
	done func()
}

func (r *rows) Close() error {
	err := r.sqliteRows.Close()
	if r.done != nil {
		r.done()
		r.done = nil
	}
	return err
}
