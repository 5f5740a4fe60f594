package hooks_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/hooks"
	"plaza.internal/plaza/internal/apptest"
)

// Nobody passes for the house, whatever the alphabet; and nobody is refused a name of their own.
func TestNames(t *testing.T) {
	app := apptest.New(t, func(app core.App) {
		if err := hooks.Register(app); err != nil {
			t.Fatal(err)
		}
		app.Settings().RateLimits.Enabled = false
	})
	client := apptest.NewClient(t, app)
	signUp := func(i int, name string) apptest.Answer {
		return client.Do(http.MethodPost, "/api/collections/users/records", "", map[string]any{
			"email": fmt.Sprintf("p%d@example.com", i), "name": name,
			"password": "a long password", "passwordConfirm": "a long password",
		})
	}
	for i, name := range []string{
		"plaza", "PLAZA", " Plaza ", "Pl\u0430za", "ＰＬＡＺＡ", "Pl\u200baza", "plaza\u200b", "pl\u00adaza", "P l a z a", "Plaza.",
		"Plaza Support", "plaz\u00e1", "ⓟlaza", "𝐏laza", "\u0430dmin", "\u03bfperator", "P1aza", "plaza\u3164", "\ufeffplaza", "Piaza",
		"\u202eazalp", "plaza\x00", "Zoé\x07", "st\u0430ff\u00a0", "5upport", "-=[ADMIN]=-",
	} {
		if got := signUp(i, name); got.Status != http.StatusBadRequest {
			t.Errorf("%q may be a name: %d %s", name, got.Status, got.Body)
		}
	}
	for i, name := range []string{
		"", "Zoé", "王芳", "Plaza Ramirez", "Zoé Plazanet", "Анна Смирнова", "Γιώργος", "Adam", "Jean-Luc", "O’Neill", "👩\u200d🍳 Cook", "नीलम\u200dश", "Stafford", "محمد",
	} {
		if got := signUp(1000+i, name); got.Status != http.StatusOK {
			t.Errorf("%q may not be a name: %d %s", name, got.Status, got.Body)
		}
	}
}
