package cloudfiles

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Link is an address of a file for a while; its members have WeChat's names.
type Link struct {
	Outcome
	TempFileURL string `json:"tempFileURL"`
	MaxAge      int64  `json:"maxAge"` // seconds that it still works
}

// Wanted is a file to be given an address, for at most so many seconds; 0 is LinkTime.
type Wanted struct {
	FileID string `json:"fileID"`
	MaxAge int64  `json:"maxAge"`
}

// UnmarshalJSON also takes the fileID alone, as WeChat does.
func (w *Wanted) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &w.FileID) == nil {
		return nil
	}
	type object Wanted
	return json.Unmarshal(text, (*object)(w))
}

// URLs gives addresses, each by itself: a file that may not be read does not keep the others.
func URLs(app core.App, who Caller, wanted []Wanted) ([]Link, error) {
	if len(wanted) > ListLimit {
		return nil, ErrTooMany.With("limit", ListLimit)
	}
	signer, err := signerOf(app)
	if err != nil {
		return nil, err
	}
	out := make([]Link, len(wanted))
	for i, want := range wanted {
		file, err := who.readable(app, want.FileID)
		if out[i].Outcome, err = outcome(want.FileID, err); err != nil {
			return nil, err
		}
		if out[i].Status == 0 {
			until := who.until(time.Duration(want.MaxAge) * time.Second)
			out[i].TempFileURL, out[i].MaxAge = signer.address(file, until), int64(until.Sub(who.Now)/time.Second)
		}
	}
	return out, nil
}

// until is when an address ends. Without a wish it is the same for a quarter of an hour, so that pages that ask again
// find the picture among those that they have.
func (c Caller) until(wish time.Duration) time.Time {
	if wish > 0 && wish < LinkTime {
		return c.Now.Add(wish)
	}
	return c.Now.Truncate(linkStep).Add(LinkTime)
}

// readable is the file, if the caller may read it.
func (c Caller) readable(app core.App, id string) (File, error) {
	path, err := c.pathOf(id)
	if err != nil {
		return File{}, err
	}
	file, err := find(app, c.AppID, path)
	if err != nil {
		return file, err
	}
	if !c.allows(c.Rules.Read, file, nil) {
		return File{}, ErrNoFile
	}
	return file, nil
}

// Read gives a cloud function the bytes of a file.
func Read(app core.App, who Caller, id string) ([]byte, error) {
	file, err := who.readable(app, id)
	if err != nil {
		return nil, err
	}
	if file.Size > FunctionBytes {
		return nil, ErrTooLarge.With("limit", FunctionBytes)
	}
	content, err := diskOf(app).open(file)
	if err != nil {
		return nil, err
	}
	defer content.Close() //nolint:errcheck // it was only read
	return io.ReadAll(content)
}

// outcome is what a list says of one file; what is no refusal ends the whole call.
func outcome(id string, err error) (Outcome, error) {
	if err == nil {
		return Outcome{FileID: id, ErrMsg: "ok"}, nil
	}
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return Outcome{}, err
	}
	status := map[string]int{ErrNoFile.Code: -503003, ErrDenied.Code: -503002, ErrBadID.Code: -501007}[no.Code] // WeChat's numbers
	if status == 0 {
		status = -503001
	}
	return Outcome{FileID: id, Status: status, ErrMsg: no.Message, Code: no.Code}, nil
}
