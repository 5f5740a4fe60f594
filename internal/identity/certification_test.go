package identity_test

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
)

var (
	today = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	pdf   = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
)

func paper(t *testing.T, content []byte) *filesystem.File {
	t.Helper()
	file, err := filesystem.NewFileFromBytes(content, "kbis.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func application(t *testing.T, kind string) identity.Application {
	t.Helper()
	return identity.Application{
		Kind: kind, LegalName: "Bread & Sons SARL", Registration: "RCS Paris 123 456 789", Country: "fr",
		Documents: []*filesystem.File{paper(t, pdf)},
	}
}

func apply(t *testing.T, app core.App, w town, kind string) *core.Record {
	t.Helper()
	certification, err := identity.Apply(app, w.org.Id, application(t, kind), w.person["owner"].Id, today)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return certification
}

// seals is what the organisation shows now.
func seals(t *testing.T, app core.App, org string) string {
	t.Helper()
	record, err := app.FindRecordById("orgs", org)
	if err != nil {
		t.Fatal(err)
	}
	until := record.GetDateTime("certified_until")
	day := ""
	if !until.IsZero() {
		day = until.Time().Format(time.DateOnly)
	}
	return fmt.Sprintf("%v %v %s", record.GetBool("certified"), record.GetBool("certified_agency"), day)
}

func wantSeals(t *testing.T, app core.App, org, want string) {
	t.Helper()
	if got := seals(t, app, org); got != want {
		t.Errorf("the seals are %q, want %q", got, want)
	}
}

// An organisation applies, is certified, renews before the end, loses the seal when the second term ends.
func TestASealComesWithPapersAndGoesWithItsTerm(t *testing.T) {
	app := apptest.New(t, identity.Register)
	w := settle(t, app, 1)
	first := apply(t, app, w, identity.Business)
	if first.GetString("state") != "applied" || first.GetString("country") != "FR" || len(first.GetStringSlice("documents")) != 1 {
		t.Errorf("applied: %v", first.FieldsData())
	}
	wantSeals(t, app, w.org.Id, "false false ")

	operator := w.person["operator"].Id
	oneYear, threeYears := today.AddDate(1, 0, 0), today.AddDate(3, 0, 0)
	for range 2 { // the second time changes nothing
		certified, err := identity.Certify(app, first.Id, oneYear, "seen", operator, today)
		if err != nil || certified.GetString("state") != "certified" {
			t.Fatalf("certify: %v %v", certified, err)
		}
	}
	wantSeals(t, app, w.org.Id, "true false 2027-03-10")

	renewal := apply(t, app, w, identity.Business)
	if _, err := identity.Certify(app, renewal.Id, threeYears, "", operator, today); err != nil {
		t.Fatalf("renew: %v", err)
	}
	wantSeals(t, app, w.org.Id, "true false 2029-03-10")
	for _, step := range []struct {
		at    time.Time
		ended int
		seals string
	}{
		{oneYear.Add(time.Hour), 0, "true false 2029-03-10"}, // the first term's end is not the second's
		{threeYears.Add(-time.Second), 0, "true false 2029-03-10"},
		{threeYears, 1, "false false "},
		{threeYears, 0, "false false "},
	} {
		if n, err := identity.ExpireCertifications(app, step.at); err != nil || n != step.ended {
			t.Errorf("at %s %d ended, want %d (%v)", step.at, n, step.ended, err)
		}
		wantSeals(t, app, w.org.Id, step.seals)
	}
	var told int
	if err := app.DB().NewQuery("SELECT count(*) FROM ledger_audit WHERE subject = {:org} AND act LIKE 'identity.%'").
		Bind(map[string]any{"org": w.org.Id}).Row(&told); err != nil || told != 5 {
		t.Errorf("the audit tells %d acts, want 2 applications, 2 certifications, 1 end (%v)", told, err)
	}
}

// The two seals are two matters: one ends without the other.
func TestTheSealsOfBusinessAndAgencyAreTwo(t *testing.T) {
	app := apptest.New(t, identity.Register)
	w := settle(t, app, 1)
	operator := w.person["operator"].Id
	business, agency := apply(t, app, w, identity.Business), apply(t, app, w, identity.Agency)
	for _, one := range []struct {
		id    string
		years int
	}{{business.Id, 2}, {agency.Id, 1}} {
		if _, err := identity.Certify(app, one.id, today.AddDate(one.years, 0, 0), "", operator, today); err != nil {
			t.Fatal(err)
		}
	}
	wantSeals(t, app, w.org.Id, "true true 2028-03-10")
	if _, err := identity.Revoke(app, business.Id, "The register knows no such company.", operator, today); err != nil {
		t.Fatal(err)
	}
	wantSeals(t, app, w.org.Id, "false true 2027-03-10")
	if _, err := identity.Revoke(app, business.Id, "The register knows no such company.", operator, today); err != nil {
		t.Errorf("revoking what is revoked: %v", err)
	}
	if n, err := identity.ExpireCertifications(app, today.AddDate(1, 0, 0)); err != nil || n != 1 {
		t.Errorf("%d ended (%v)", n, err)
	}
	wantSeals(t, app, w.org.Id, "false false ")
}

// The seals that the house gave before there were certifications have no end, and none of ours touches them.
func TestAnOldSealStays(t *testing.T) {
	app := apptest.New(t, identity.Register)
	w := settle(t, app, 1)
	w.org.Set("certified", true)
	if err := app.Save(w.org); err != nil {
		t.Fatal(err)
	}
	agency := apply(t, app, w, identity.Agency)
	if _, err := identity.Refuse(app, agency.Id, "The papers are of another company.", w.person["operator"].Id, today); err != nil {
		t.Fatal(err)
	}
	again := apply(t, app, w, identity.Agency) // better papers
	if _, err := identity.Certify(app, again.Id, today.AddDate(0, 1, 0), "", w.person["operator"].Id, today); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ExpireCertifications(app, today.AddDate(0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	wantSeals(t, app, w.org.Id, "true false ")
}

func TestCertificationsThatAreRefused(t *testing.T) {
	app := apptest.New(t, identity.Register)
	w := settle(t, app, 1)
	operator, owner := w.person["operator"].Id, w.person["owner"].Id
	want := func(what string, err, wanted error) {
		t.Helper()
		if !errors.Is(err, wanted) {
			t.Errorf("%s: %v, want %v", what, err, wanted)
		}
	}
	for what, spoil := range map[string]func(*identity.Application){
		"kind":               func(a *identity.Application) { a.Kind = "famous" },
		"no name":            func(a *identity.Application) { a.LegalName = "  " },
		"long name":          func(a *identity.Application) { a.LegalName = string(bytes.Repeat([]byte("é"), 201)) },
		"no registration":    func(a *identity.Application) { a.Registration = "" },
		"country":            func(a *identity.Application) { a.Country = "France" },
		"no documents":       func(a *identity.Application) { a.Documents = nil },
		"too many documents": func(a *identity.Application) { a.Documents = slicesOf(a.Documents[0], 6) },
	} {
		a := application(t, identity.Business)
		spoil(&a)
		_, err := identity.Apply(app, w.org.Id, a, owner, today)
		want(what, err, identity.ErrBadApplication)
	}
	for what, document := range map[string]*filesystem.File{
		"a web page named as a PDF": paper(t, []byte("<html><script>alert(1)</script></html>")),
		"a program":                 paper(t, []byte("\x7fELF\x02\x01\x01")),
		"over 5 MB":                 paper(t, append(bytes.Clone(pdf), make([]byte, 5<<20)...)),
	} {
		a := application(t, identity.Business)
		a.Documents = []*filesystem.File{document}
		_, err := identity.Apply(app, w.org.Id, a, owner, today)
		want(what, err, identity.ErrBadDocument)
	}
	host := apptest.Org(t, app, "house")
	host.Set("kind", "host")
	if err := app.Save(host); err != nil {
		t.Fatal(err)
	}
	_, err := identity.Apply(app, host.Id, application(t, identity.Business), owner, today)
	want("the house", err, identity.ErrHouseCertified)

	waiting := apply(t, app, w, identity.Business)
	_, err = identity.Apply(app, w.org.Id, application(t, identity.Business), owner, today)
	want("twice", err, identity.ErrApplicationOpen)
	for what, until := range map[string]time.Time{
		"past": today.AddDate(0, 0, -1), "now": today, "too far": today.AddDate(3, 0, 1), "never": {},
	} {
		_, err = identity.Certify(app, waiting.Id, until, "", operator, today)
		want("until "+what, err, identity.ErrBadUntil)
	}
	_, err = identity.Refuse(app, waiting.Id, " \n", operator, today)
	want("an empty refusal", err, identity.ErrReasonRequired)
	_, err = identity.Revoke(app, waiting.Id, "Not yet given.", operator, today)
	want("revoking an application", err, identity.ErrCertificationDecided)
	_, err = identity.Certify(app, "nothing", today.AddDate(1, 0, 0), "", operator, today)
	want("nothing", err, identity.ErrCertificationNotFound)

	apptest.Staff(t, app, w.org, w.person["operator"], "cashier")
	_, err = identity.Certify(app, waiting.Id, today.AddDate(1, 0, 0), "", operator, today)
	want("one's own", err, identity.ErrOwnOrganisation)
	_, err = identity.Refuse(app, waiting.Id, "Too honest.", operator, today)
	want("refusing one's own", err, identity.ErrOwnOrganisation)
	wantSeals(t, app, w.org.Id, "false false ")
}

func slicesOf(file *filesystem.File, n int) []*filesystem.File {
	files := make([]*filesystem.File, n)
	for i := range files {
		files[i] = file
	}
	return files
}

// Two operators decide at the same instant: one answer counts, the other is told.
func TestTwoDecisionsAtOnce(t *testing.T) {
	app := apptest.New(t, identity.Register)
	w := settle(t, app, 1)
	second := apptest.Operator(t, app, "second")
	for range 8 {
		waiting := apply(t, app, w, identity.Business)
		var yes, no error
		var both sync.WaitGroup
		both.Go(func() { _, yes = identity.Certify(app, waiting.Id, today.AddDate(1, 0, 0), "", second.Id, today) })
		both.Go(func() { _, no = identity.Refuse(app, waiting.Id, "Unreadable.", w.person["operator"].Id, today) })
		both.Wait()
		record, err := app.FindRecordById("certifications", waiting.Id)
		if err != nil {
			t.Fatal(err)
		}
		switch state := record.GetString("state"); {
		case state == "certified" && yes == nil && errors.Is(no, identity.ErrCertificationDecided):
		case state == "refused" && no == nil && errors.Is(yes, identity.ErrCertificationDecided):
		default:
			t.Errorf("%s: certify said %v, refuse said %v", state, yes, no)
		}
	}
}

// form is an application as a browser sends it.
func form(t *testing.T, fields map[string]string, documents ...[]byte) (string, []byte) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for i, document := range documents {
		part, err := w.CreateFormFile("documents", fmt.Sprintf("paper-%d.pdf", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(document); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body.Bytes()
}

// The same over HTTP: the owner applies, a stranger reads nothing of it, an operator sees it and decides.
func TestCertificationOverHTTP(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	w := settle(t, app, 1)
	token := func(role string) string { return apptest.Token(t, w.person[role]) }
	kind, body := form(t, map[string]string{
		"kind": "business", "legal_name": "Bread", "registration": "1", "country": "FR",
	}, pdf, pdf)
	send := func(role string) apptest.Answer {
		return client.Do("POST", "/api/orgs/"+w.org.Id+"/certification", token(role), body, map[string]string{"Content-Type": kind})
	}
	for role, code := range map[string]string{"manager": "role_required", "stranger": "not_staff", "operator": "not_staff"} {
		if answer := send(role); answer.Status != http.StatusForbidden || answer.Code() != code {
			t.Errorf("a %s applied: %d %s", role, answer.Status, answer.Body)
		}
	}
	applied := send("owner")
	if applied.Status != http.StatusOK || applied.Text("state") != "applied" {
		t.Fatalf("apply: %d %s", applied.Status, applied.Body)
	}
	id := applied.Text("id")
	for role, status := range map[string]int{"owner": 200, "operator": 200, "manager": 404, "rival": 404, "stranger": 404} {
		client.Must(status, "GET", "/api/collections/certifications/records/"+id, token(role), nil)
	}
	document := "/api/files/certifications/" + id + "/" + applied.JSON()["documents"].([]any)[0].(string)
	client.Must(http.StatusNotFound, "GET", document, "", nil)
	client.Must(http.StatusNotFound, "GET", document+"?token="+client.Must(200, "POST", "/api/files/token", token("rival"), nil).Text("token"), "", nil)
	client.Must(http.StatusOK, "GET", document+"?token="+client.Must(200, "POST", "/api/files/token", token("operator"), nil).Text("token"), "", nil)

	for _, path := range []string{"/certify", "/refuse", "/revoke"} {
		if answer := client.Do("POST", "/api/certifications/"+id+path, token("owner"), map[string]any{"until": "2027-01-01", "reason": "x"}); answer.Code() != "operator_only" {
			t.Errorf("the owner may %s: %s", path, answer.Body)
		}
	}
	client.Must(http.StatusForbidden, "GET", "/api/certifications", token("owner"), nil)
	list := client.Must(http.StatusOK, "GET", "/api/certifications?state=applied", token("operator"), nil)
	if !bytes.Contains(list.Body, []byte(`"applied_by_name":"owner 1"`)) || bytes.Contains(list.Body, []byte(`"tokenKey"`)) || bytes.Contains(list.Body, []byte(`"expand":{"`)) {
		t.Errorf("the list is %s", list.Body)
	}
	client.Must(http.StatusBadRequest, "POST", "/api/certifications/"+id+"/certify", token("operator"), map[string]any{"until": "some day"})
	until := clock.Now(app).AddDate(1, 0, 0)
	client.Must(http.StatusOK, "POST", "/api/certifications/"+id+"/certify", token("operator"), map[string]any{"until": until.Format(time.DateOnly)})
	if answer := client.Must(http.StatusConflict, "POST", "/api/certifications/"+id+"/refuse", token("operator"), map[string]any{"reason": "late"}); answer.Code() != "certification_decided" {
		t.Errorf("refused: %s", answer.Body)
	}
	wantSeals(t, app, w.org.Id, "true false "+until.Format(time.DateOnly))

	// The job that the house runs by itself takes the seal when its time is over.
	clock.Set(app, until.AddDate(0, 0, 1))
	if _, err := jobs.RunDue(app, clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	wantSeals(t, app, w.org.Id, "false false ")
}
