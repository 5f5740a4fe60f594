package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame is what crosses the pipe between parent and worker:
//
//	4 bytes  length of the rest, big endian
//	1 byte   kind
//	4 bytes  length of the header
//	header   JSON, small
//	body     JSON text that is passed on as it is: an event, a value, the arguments of a host call
//
// Header and body are apart so that a large event is never encoded twice.
type frame struct {
	kind   byte
	header []byte
	body   []byte
}

// Kinds of frames. The parent sends load and call, and answer after each ask or nest; the worker sends ask, nest and
// done. Between nest and its answer the parent may send load and call once more: the function inside runs, with asks of
// its own, and is done before the one around it hears the answer.
const (
	kindLoad   = 'L' // header loadHeader
	kindCall   = 'C' // header callHeader, body the event
	kindAsk    = 'A' // header askHeader, body the arguments
	kindNest   = 'N' // header askHeader with the function's name, body its event
	kindAnswer = 'H' // header answerHeader, body the value
	kindDone   = 'D' // header doneHeader, body the value
)

const frameOverhead = 9 // length, kind and length of the header

var errFrameTooLarge = errors.New("sandbox: frame over its cap")

type loadHeader struct {
	Program string            `json:"p"`
	Modules map[string]string `json:"m"`
}

type callHeader struct {
	Program  string          `json:"p"`
	Millis   int64           `json:"ms"`
	Lines    int             `json:"l"` // that it may log
	LogBytes int             `json:"b"`
	Context  json.RawMessage `json:"c"`
	Ahead    int64           `json:"t,omitempty"` // nanoseconds that the house's clock is ahead of the machine's
}

type askHeader struct {
	Method string `json:"m"`
}

// answerHeader has an error's parts, or nothing.
type answerHeader struct {
	Code    string          `json:"code,omitempty"`
	Message string          `json:"message,omitempty"`
	Details json.RawMessage `json:"details,omitempty"`
}

// doneHeader has the code of a refusal with its parts, or nothing.
type doneHeader struct {
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
	File    string    `json:"file,omitempty"`
	Line    int       `json:"line,omitempty"`
	Column  int       `json:"column,omitempty"`
	Stack   string    `json:"stack,omitempty"`
	Asked   int       `json:"asked,omitempty"` // which host call's error the function let through, from 1
	Retire  bool      `json:"retire,omitempty"`
	Logs    []LogLine `json:"logs,omitempty"`
}

// write sends one frame with one system call.
func write(w io.Writer, kind byte, header any, body []byte) error {
	head, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("sandbox frame: %w", err)
	}
	size := 5 + len(head) + len(body)
	if size > maxFrame {
		return errFrameTooLarge
	}
	out := make([]byte, 0, 4+size)
	out = binary.BigEndian.AppendUint32(out, uint32(size))
	out = append(out, kind)
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
	out = append(out, body...)
	_, err = w.Write(out)
	return err
}

// read takes one frame. Nothing that the other side claims makes it allocate more than maxFrame.
func read(r io.Reader) (frame, error) {
	var start [frameOverhead]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return frame{}, err
	}
	size, head := binary.BigEndian.Uint32(start[:4]), binary.BigEndian.Uint32(start[5:])
	if size > maxFrame || size < 5 || head > size-5 {
		return frame{}, errFrameTooLarge
	}
	rest := make([]byte, size-5)
	if _, err := io.ReadFull(r, rest); err != nil {
		return frame{}, err
	}
	return frame{kind: start[4], header: rest[:head], body: rest[head:]}, nil
}
