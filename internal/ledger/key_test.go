package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/route"
)

func once(app core.App, key ledger.Key, verb func() (any, error)) (json.RawMessage, error) {
	var answer json.RawMessage
	err := ledger.Write(app, func(tx core.App) (err error) {
		answer, err = ledger.Once(tx, key, noon, verb)
		return err
	})
	return answer, err
}

// The same request answers what it answered the first time and does nothing again; another request under its
// key is refused; and a refusal is forgotten, so that the key can still be used.
func TestARequestIsDoneOnce(t *testing.T) {
	app := apptest.New(t)
	runs := 0
	verb := func() (any, error) {
		runs++
		return map[string]any{"run": runs, "text": "<é>"}, nil
	}
	key := ledger.Key{Scope: "ann pay", Value: "k", Body: []byte(`{"a":1}`)}
	_, err := once(app, key, func() (any, error) { return nil, ledger.ErrInsufficientFunds })
	wantRefusal(t, err, ledger.ErrInsufficientFunds)
	first, err := once(app, key, verb)
	if err != nil {
		t.Fatal(err)
	}
	again, err := once(app, key, verb)
	if err != nil || !bytes.Equal(first, again) || runs != 1 {
		t.Errorf("answered %s, then %s after %d runs, %v", first, again, runs, err)
	}
	other := key
	other.Body = []byte(`{"a":2}`)
	_, err = once(app, other, verb)
	wantRefusal(t, err, ledger.ErrKeyMismatch)
	for _, change := range []ledger.Key{{"bob pay", "k", key.Body}, {"ann pay", "k2", key.Body}} {
		if answer, err := once(app, change, verb); err != nil || bytes.Equal(answer, first) {
			t.Errorf("%s %s answered %s, %v", change.Scope, change.Value, answer, err)
		}
	}
}

// Two taps at the same moment are one payment with one answer.
func TestTheSameKeyInParallelIsOnePayment(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	var runs atomic.Int64
	answers := make([]string, 40)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			var answer json.RawMessage
			err := ledger.Write(app, func(tx core.App) (err error) {
				answer, err = ledger.Once(tx, ledger.Key{Scope: "ann", Value: "tap", Body: []byte("x")}, noon, func() (any, error) {
					n := runs.Add(1)
					return n, ledger.Post(tx, transfer(fmt.Sprint("tap", n), ann, shop, 300), noon)
				})
				return err
			})
			if err != nil {
				t.Error(err)
			}
			answers[i] = string(answer)
		})
	}
	wait.Wait()
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("answers differ: %q and %q", answer, answers[0])
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 700, 0)
	wantSound(t, app)
}

// shop is a server with one route that pays from the caller's wallet.
func payRoute(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		route.Handle(e, route.Operation{Method: "POST", Path: "/api/test/pay/{id}"}, func(e *core.RequestEvent) error {
			var body struct{ Amount ledger.Amount }
			return ledger.Answer(e, &body, func(tx core.App) (any, error) {
				from, err := ledger.Open(tx, "user:"+e.Auth.Id, ledger.KindWallet, "EUR", noon)
				if err != nil {
					return nil, err
				}
				to, err := ledger.Open(tx, "org:shop", ledger.KindSales, "EUR", noon)
				if err != nil {
					return nil, err
				}
				var count int
				if err := tx.DB().NewQuery("SELECT COUNT(*) FROM ledger_transfer_rows").Row(&count); err != nil {
					return nil, err
				}
				err = ledger.Post(tx, transfer(fmt.Sprint("pay", count), from, to, body.Amount), noon)
				return map[string]any{"paid": body.Amount, "number": count}, err
			})
		})
		return e.Next()
	})
}

func TestARouteAnswersTheSameRequestTheSame(t *testing.T) {
	app := apptest.New(t, payRoute)
	user, stranger := apptest.Person(t, app, "Ann"), apptest.Person(t, app, "Bob")
	wallet(t, app, user.Id, 1000)
	wallet(t, app, stranger.Id, 1000)
	client := apptest.NewClient(t, app)
	ann, bob := apptest.Token(t, user), apptest.Token(t, stranger)
	key := map[string]string{"Idempotency-Key": "3f8e-1"}
	const path = "/api/test/pay/1"

	first := client.Must(http.StatusOK, "POST", path, ann, `{"amount":300}`, key)
	again := client.Must(http.StatusOK, "POST", path, ann, `{"amount":300}`, key)
	if !bytes.Equal(first.Body, again.Body) || first.Number("paid") != 300 {
		t.Errorf("answered %s, then %s", first.Body, again.Body)
	}
	for what, answer := range map[string]apptest.Answer{
		"another body":  client.Must(http.StatusConflict, "POST", path, ann, `{"amount":301}`, key),
		"another query": client.Must(http.StatusConflict, "POST", path+"?x=1", ann, `{"amount":300}`, key),
	} {
		if answer.Code() != "idempotency_mismatch" {
			t.Errorf("%s: %s", what, answer.Body)
		}
	}
	wantBalance(t, app, "user:"+user.Id, ledger.KindWallet, 700, 0)

	// The key is this user's on this route.
	client.Must(http.StatusOK, "POST", path, bob, `{"amount":300}`, key)
	client.Must(http.StatusOK, "POST", "/api/test/pay/2", ann, `{"amount":300}`, key)
	// Without a key every request is another one.
	client.Must(http.StatusOK, "POST", path, ann, `{"amount":100}`)
	client.Must(http.StatusOK, "POST", path, ann, `{"amount":100}`)
	wantBalance(t, app, "user:"+user.Id, ledger.KindWallet, 200, 0)

	// A refusal is not the answer for ever.
	broke := map[string]string{"Idempotency-Key": "3f8e-2"}
	if code := client.Must(http.StatusPaymentRequired, "POST", path, ann, `{"amount":201}`, broke).Code(); code != "insufficient_funds" {
		t.Errorf("refused with %s", code)
	}
	client.Must(http.StatusOK, "POST", path, ann, `{"amount":200}`, broke)
	wantSound(t, app)
}

// What is not a request of this route is refused before anything is written.
func TestARouteRefusesBadRequests(t *testing.T) {
	app := apptest.New(t, payRoute)
	user := apptest.Person(t, app, "Ann")
	wallet(t, app, user.Id, 1000)
	client := apptest.NewClient(t, app)
	ann := apptest.Token(t, user)
	const path = "/api/test/pay/1"
	for _, bad := range []struct {
		token, body, key, code string
	}{
		{"", `{"amount":1}`, "k", "sign_in_required"},
		{"nonsense", `{"amount":1}`, "k", "sign_in_required"},
		{ann, `{"amount":`, "k", "bad_body"},
		{ann, `{"amount":"1"}`, "k", "bad_body"},
		{ann, `{"amount":1.5}`, "k", "bad_body"},
		{ann, `{"amount":0}`, "k", "bad_amount"},
		{ann, `{"amount":-1}`, "k", "bad_amount"},
		{ann, `{"amount":9007199254740992}`, "k", "bad_amount"},
		{ann, `{"amount":1}`, "", "bad_idempotency_key"},
		{ann, `{"amount":1}`, "clé", "bad_idempotency_key"},
		{ann, `{"amount":1}`, string(bytes.Repeat([]byte("k"), 256)), "bad_idempotency_key"},
	} {
		answer := client.Do("POST", path, bad.token, bad.body, map[string]string{"Idempotency-Key": bad.key})
		if answer.Code() != bad.code {
			t.Errorf("%q with key %.20q answered %d %s, want %s", bad.body, bad.key, answer.Status, answer.Body, bad.code)
		}
	}
	wantBalance(t, app, "user:"+user.Id, ledger.KindWallet, 1000, 0)
}
