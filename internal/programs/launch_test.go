package programs_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/programs"
)

func open(t *testing.T) (house, programs.Launched) {
	t.Helper()
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.approve(t, 1)
	h.release(t, 1)
	opened, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	return h, opened
}

// A launch token is worth nothing in other hands, in another program, after its end, or with one bit changed.
func TestLaunchTokenIsBoundToPersonProgramAndTime(t *testing.T) {
	h, opened := open(t)
	token := opened.Token
	check := func(what string, refused error, token, appid string, at time.Time) {
		t.Helper()
		if _, _, err := programs.Running(h.App, h.customer, appid, token, at); err == nil {
			t.Errorf("%s: accepted", what)
		} else {
			want(t, err, refused)
		}
	}
	if _, _, err := programs.Running(h.App, h.owner, "hello", token, now); err == nil {
		t.Error("another person's token is accepted")
	}
	parts := strings.Split(token, ".")
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	later := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), `"exp":1`, `"exp":9`, 1)))
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	check("no token", programs.ErrLaunchInvalid, "", "hello", now)
	check("garbage", programs.ErrLaunchInvalid, "a.b.c", "hello", now)
	check("only dots", programs.ErrLaunchInvalid, "..", "hello", now)
	check("changed claims", programs.ErrLaunchInvalid, parts[0]+"."+later+"."+parts[2], "hello", now)
	check("no algorithm", programs.ErrLaunchInvalid, none+"."+parts[1]+".", "hello", now)
	check("no signature", programs.ErrLaunchInvalid, parts[0]+"."+parts[1]+".", "hello", now)
	check("cut", programs.ErrLaunchInvalid, token[:len(token)-4], "hello", now)
	check("too late", programs.ErrLaunchExpired, token, "hello", now.Add(2*time.Hour))
	check("unknown program", programs.ErrNotFound, token, "nobody", now)

	files := project(t)
	files["manifest.json"] = []byte(`{"app_id":"other","name":"Other"}`)
	if _, err := h.send(h.org, "other", pack(t, files), h.owner.Id); err != nil {
		t.Fatalf("%v %v", err, findings(err))
	}
	if _, err := programs.Release(h.App, "other", 1, 100, "operator", now); err != nil {
		t.Fatal(err)
	}
	check("another program", programs.ErrLaunchInvalid, token, "other", now)
}

// A session ends when its version is replaced or its program stopped, and the code says which.
func TestLaunchEndsWithItsVersion(t *testing.T) {
	h, opened := open(t)
	h.upload(t, edition(t, "second"))
	h.approve(t, 2)
	h.release(t, 2)
	_, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now)
	want(t, err, programs.ErrLaunchStale)
	h.rollback(t, 1)
	if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now); err != nil {
		t.Errorf("after the roll-back: %v", err)
	}
	h.suspend(t)
	_, _, err = programs.Running(h.App, h.customer, "hello", opened.Token, now)
	want(t, err, programs.ErrTakenDown)
	_, err = programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	want(t, err, programs.ErrTakenDown)
}

// The key that signs launches is made once, is nobody else's to read, and survives a restart.
func TestLaunchKeyIsKept(t *testing.T) {
	h, opened := open(t)
	info, err := os.Stat(filepath.Join(h.DataDir(), "launch.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the launch key: %v, %v", info, err)
	}
	reopened(t, h)
	if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now); err != nil {
		t.Errorf("a token from before the restart: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.DataDir(), ".launch-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The same person has one id in a program, whatever they do, and it says nothing to another person's.
func TestOpenIDIsStablePerPerson(t *testing.T) {
	h, opened := open(t)
	again, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || again.OpenID != opened.OpenID || again.Token == opened.Token {
		t.Errorf("launched again: %+v, %v", again, err)
	}
	other, err := programs.Launch(h.App, h.owner, "hello", programs.Opening{}, now)
	if err != nil || other.OpenID == opened.OpenID {
		t.Errorf("two people share %s (%v)", other.OpenID, err)
	}
}

// A consent is for one person, one program, one declared scope; it can be changed and withdrawn.
func TestConsentsAreStoredShownAndWithdrawn(t *testing.T) {
	h, _ := open(t)
	want(t, programs.Consent(h.App, h.customer.Id, "hello", "everything", programs.Decision{State: programs.Granted}), programs.ErrBadScope)
	want(t, programs.Consent(h.App, h.customer.Id, "hello", "orders", programs.Decision{State: "perhaps"}), programs.ErrBadConsent)
	want(t, programs.Consent(h.App, h.customer.Id, "nobody", "orders", programs.Decision{State: programs.Granted}), programs.ErrNotFound)
	for _, state := range []string{programs.Denied, programs.Granted, programs.Granted} {
		if err := programs.Consent(h.App, h.customer.Id, "hello", "orders", programs.Decision{State: state}); err != nil {
			t.Fatal(err)
		}
	}
	launched, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now)
	if err != nil || launched.Consents["orders"] != programs.Granted || len(launched.Consents) != 1 {
		t.Errorf("consents are %v (%v)", launched.Consents, err)
	}
	if others, err := programs.Consents(h.App, h.owner.Id, "hello", ""); err != nil || len(others) != 0 {
		t.Errorf("another person has consents %v (%v)", others, err)
	}
	mine, err := programs.Decisions(h.App, h.customer.Id, now)
	if err != nil || len(mine) != 1 || mine[0].Name != "Hello" || mine[0].Scope != "orders" {
		t.Errorf("decisions are %+v (%v)", mine, err)
	}
	var names map[string]string
	encoded, _ := json.Marshal(mine[0].Names)
	if err := json.Unmarshal(encoded, &names); err != nil || names["zh"] != "你好" {
		t.Errorf("names are %s", encoded)
	}
	h.suspend(t)
	for range 2 {
		if err := programs.Withdraw(h.App, h.customer.Id, "hello", "orders"); err != nil {
			t.Errorf("withdraw: %v", err)
		}
	}
	if left, err := programs.Decisions(h.App, h.customer.Id, now); err != nil || len(left) != 0 {
		t.Errorf("after withdrawing: %+v (%v)", left, err)
	}
}

// Every scope has one name; a list that a manifest is judged by must not hold one twice.
func TestScopesAreDistinct(t *testing.T) {
	scopes := programs.Scopes()
	slices.Sort(scopes)
	if len(slices.Compact(scopes)) != len(programs.Scopes()) {
		t.Errorf("scopes are %v", programs.Scopes())
	}
}
