package identity

import (
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// languages are the ones that Plaza's own faces speak; the first is the fallback.
var languages = []string{"en", "fr", "zh"}

// Register binds what the access rules cannot say: a new person has a name and a language, an organisation keeps
// an owner and gets its seals from certifications.
func Register(app core.App) {
	registerCertification(app)
	app.OnRecordCreateRequest("users").BindFunc(welcome)
	app.OnRecordUpdateRequest("staff").BindFunc(keepAnOwner)
	app.OnRecordDeleteRequest("staff").BindFunc(keepAnOwner)
	app.OnRecordDelete("users").BindFunc(forget)
}

// welcome fills in what a sign-up left out, from what the browser says.
func welcome(e *core.RecordRequestEvent) error {
	if strings.TrimSpace(e.Record.GetString("name")) == "" {
		local, _, _ := strings.Cut(e.Record.Email(), "@")
		e.Record.Set("name", local)
	}
	if e.Record.GetString("language") == "" {
		e.Record.Set("language", preferred(e.Request.Header.Get("Accept-Language")))
	}
	return e.Next()
}

// preferred is the first language of the header that Plaza speaks. Weights are not looked at: browsers send
// the list in order.
func preferred(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		primary, _, _ := strings.Cut(tag, "-")
		for _, language := range languages {
			if primary == language {
				return language
			}
		}
	}
	return languages[0]
}

// keepAnOwner refuses to demote or remove the only owner of an organisation. It looks inside the write's own
// transaction, so that two owners who remove each other at once do not both succeed.
func keepAnOwner(e *core.RecordRequestEvent) error {
	if e.Record.Original().GetString("role") != string(Owner) {
		return e.Next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		if err := e.Next(); err != nil {
			return err
		}
		var owners int
		err := tx.DB().Select("count(*)").From("staff").
			Where(dbx.HashExp{"org": e.Record.Original().GetString("org"), "role": string(Owner)}).Row(&owners)
		if err == nil && owners == 0 {
			err = refusal.API(ErrLastOwner)
		}
		return err
	})
}
