package programs_test

import (
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/programs"
)

// An element's address shows that somebody opened this version lately, and nothing else: not who, and not for ever.
func TestPasses(t *testing.T) {
	h, opened := open(t)
	path, pass, ok := strings.Cut(opened.Remote, ".remote/")
	if !ok || path != opened.Frame {
		t.Fatalf("the address is %s, the frame's %s", opened.Remote, opened.Frame)
	}
	parts := strings.Split(opened.Frame, "/")
	appid, pkg := parts[2], parts[3]
	who, err := programs.CheckPass(h.App, appid, pkg, pass, now)
	if err != nil || who == "" || strings.Contains(opened.Remote, opened.OpenID) {
		t.Errorf("%q by %s: %v", who, opened.Remote, err)
	}
	again, err := programs.Launch(h.App, h.customer, "hello", programs.Opening{}, now.Add(time.Hour))
	if err != nil || again.Remote != opened.Remote {
		t.Errorf("an hour later it is %s, so browsers keep nothing: %v", again.Remote, err)
	}
	other, err := programs.Launch(h.App, h.operator, "hello", programs.Opening{}, now)
	if err != nil || other.Remote == opened.Remote {
		t.Errorf("somebody else has the same: %v", err)
	}
	if _, err := programs.CheckPass(h.App, appid, pkg, pass, now.Add(24*time.Hour)); err != nil {
		t.Errorf("the next day: %v", err)
	}
	_, err = programs.CheckPass(h.App, appid, pkg, pass, now.Add(48*time.Hour))
	want(t, err, programs.ErrPassInvalid)
	_, err = programs.CheckPass(h.App, appid, pkg, pass, now.Add(-24*time.Hour))
	want(t, err, programs.ErrPassInvalid)
	for _, forged := range []string{"", "x", pass[1:], pass + "A", "A" + pass[1:], pass[:len(pass)-1] + "!"} {
		_, err = programs.CheckPass(h.App, appid, pkg, forged, now)
		want(t, err, programs.ErrPassInvalid)
	}
	_, err = programs.CheckPass(h.App, "another", pkg, pass, now)
	want(t, err, programs.ErrPassInvalid)
	_, err = programs.CheckPass(h.App, appid, strings.Repeat("0", 64), pass, now)
	want(t, err, programs.ErrPassInvalid)
}
