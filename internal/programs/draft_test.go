package programs_test

import (
	"fmt"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// Names are for ever: one owner must not take them all. Others are not in the way, nor is what is released.
func TestDraftsAreBounded(t *testing.T) {
	h := newHouse(t)
	mine := programs.Owner{User: h.customer.Id}
	create := func(owner programs.Owner, appid string) error {
		_, err := programs.Create(h.App, owner, programs.Draft{AppID: appid, Name: appid}, h.customer.Id, now)
		return err
	}
	for n := range programs.MaxDrafts {
		if err := create(mine, fmt.Sprintf("draft-%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	want(t, create(mine, "one-more"), programs.ErrTooManyDrafts)
	if err := create(mine, "draft-7"); err != nil {
		t.Errorf("doing it twice: %v", err)
	}
	if err := create(programs.Owner{Org: h.org}, "of-the-shop"); err != nil {
		t.Errorf("an organisation: %v", err)
	}
	if err := create(programs.Owner{User: apptest.Person(t, h, "another").Id}, "of-another"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if err := programs.Delete(h.App, "draft-3", h.customer.Id, now); err != nil {
		t.Fatal(err)
	}
	if err := create(mine, "one-more"); err != nil {
		t.Errorf("after deleting one: %v", err)
	}
}
