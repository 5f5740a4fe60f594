package bridge

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// uploadArgs is how many bytes the arguments of a function's upload may have: a file in base64, and its path.
const uploadArgs = cloudfiles.FunctionBytes/3*4 + 8<<10

// filer is on whose behalf the call asks for the program's files, and by which rules. Which program and which person
// that is the launch says; nothing in the arguments can.
func (c call) filer() (cloudfiles.Caller, error) {
	who := cloudfiles.Caller{
		AppID: c.program.AppID, Server: c.function, Now: c.now,
		Reviewed: c.program.Tier == programs.TierReviewed || c.program.Trial,
	}
	bundle, err := c.program.Open(c.app)
	if err != nil {
		return who, err
	}
	who.Rules = bundle.Database.FileRules()
	if c.user != nil {
		who.OpenID, err = identity.OpenID(c.app, c.user.Id, c.program.AppID)
	}
	return who, err
}

// uploaded is what an upload answers.
type uploaded struct {
	FileID string `json:"fileID"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
}

// keep makes content a file of the program.
func (c call) keep(path string, content io.Reader) (any, error) {
	who, err := c.filer()
	if err != nil {
		return nil, err
	}
	file, err := cloudfiles.Put(c.ctx, c.app, who, path, content)
	if err != nil {
		return nil, err
	}
	return uploaded{FileID: file.ID(), Size: file.Size, Type: file.Type}, nil
}

type filesUploadArgs struct {
	Path   string `json:"path"`
	Body64 []byte `json:"body64"` // base64 in JSON
}

func filesUpload(c call, args filesUploadArgs) (any, error) {
	return c.keep(args.Path, bytes.NewReader(args.Body64))
}

type filesURLsArgs struct {
	Files []cloudfiles.Wanted `json:"files"`
}

func filesURLs(c call, args filesURLsArgs) (any, error) {
	who, err := c.filer()
	if err != nil {
		return nil, err
	}
	list, err := cloudfiles.URLs(c.app, who, args.Files)
	return map[string]any{"fileList": list}, err
}

type filesDeleteArgs struct {
	Files []string `json:"files"`
}

func filesDelete(c call, args filesDeleteArgs) (any, error) {
	who, err := c.filer()
	if err != nil {
		return nil, err
	}
	list, err := cloudfiles.Delete(c.app, who, args.Files)
	return map[string]any{"fileList": list}, err
}

type filesDownloadArgs struct {
	File string `json:"file"`
}

func filesDownload(c call, args filesDownloadArgs) (any, error) {
	who, err := c.filer()
	if err != nil {
		return nil, err
	}
	content, err := cloudfiles.Read(c.app, who, args.File)
	if err != nil {
		return nil, err
	}
	return map[string]any{"body64": content}, nil
}

// bindFiles is the route by which pages upload: their files are too large for a method's arguments.
func (b *Bridge) bindFiles(se *core.ServeEvent, gates []*refusal.Refusal) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/files", Tag: "bridge", Stream: true,
		Summary: "Upload a file for a page of the mini program: a form with path, then file.",
		Body:    "multipart/form-data", Answer: uploaded{},
		Refusals: slices.Concat([]*refusal.Refusal{ErrBadArgs}, gates, cloudfiles.Refusals()),
	}, b.handleUpload)
}

func (b *Bridge) handleUpload(e *core.RequestEvent) error {
	c, err := launched(e)
	if err != nil {
		return err
	}
	if err := b.quota.take(c); err != nil {
		return err
	}
	leave, err := b.uploads.wait(e.Request.Context(), c.user.Id)
	if err != nil {
		return err
	}
	defer leave()
	arriving := &steady{from: route.Stream(e), line: http.NewResponseController(e.Response)}
	e.Request.Body = io.NopCloser(io.LimitReader(arriving, cloudfiles.FileBytes+formAround))
	form, err := e.Request.MultipartReader()
	if err != nil {
		return ErrBadArgs.With("detail", "the body is not a form")
	}
	path, err := formPath(form)
	if err != nil {
		return err
	}
	file, err := form.NextPart()
	if err != nil || file.FormName() != "file" {
		return ErrBadArgs.With("detail", "file comes after path")
	}
	answer, err := c.keep(path, file)
	if err != nil {
		// It was cut short, by its sender or by a limit.
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errDrips) {
			return ErrBadArgs.With("detail", "the form does not end")
		}
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

// formAround is how many bytes of a form are not its file.
const formAround = 16 << 10

// formPath reads the form's first part.
func formPath(form *multipart.Reader) (string, error) {
	part, err := form.NextPart()
	if err != nil || part.FormName() != "path" {
		return "", ErrBadArgs.With("detail", "path comes first")
	}
	path, err := io.ReadAll(io.LimitReader(part, cloudfiles.PathBytes+1))
	if err != nil {
		return "", ErrBadArgs.With("detail", "path cannot be read")
	}
	return string(path), nil
}
