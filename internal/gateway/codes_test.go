package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What PocketBase refuses by itself has a machine word too, and keeps its words about single fields.
func TestEveryRefusalHasACode(t *testing.T) {
	app, server := serve(t, built)
	settings := app.Settings()
	settings.RateLimits.Enabled = true
	for i := range settings.RateLimits.Rules {
		settings.RateLimits.Rules[i].MaxRequests = 10_000
	}
	if err := app.Save(settings); err != nil {
		t.Fatal(err)
	}
	post := func(path, body string) (int, map[string]any) {
		t.Helper()
		answer, err := http.Post(server.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var got struct {
			Data map[string]any `json:"data"`
		}
		raw, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %s", path, raw)
		}
		return answer.StatusCode, got.Data
	}
	for name, test := range map[string]struct {
		path, body string
		status     int
		code       any
	}{
		"no such collection": {"/api/collections/nothing/records", `{}`, http.StatusNotFound, "not_found"},
		"not allowed":        {"/api/collections/ledger_accounts/records", `{}`, http.StatusBadRequest, "bad_request"},
		"a password":         {"/api/collections/users/auth-with-password", `{"identity":"nobody@example.com","password":"x"}`, http.StatusBadRequest, "bad_request"},
		"a field":            {"/api/collections/users/auth-with-password", `{}`, http.StatusBadRequest, nil},
	} {
		if status, data := post(test.path, test.body); status != test.status || data["code"] != test.code || len(data) == 0 {
			t.Errorf("%s: %d %v", name, status, data)
		}
	}
	for i := range settings.RateLimits.Rules {
		settings.RateLimits.Rules[i].MaxRequests = 1
	}
	if err := app.Save(settings); err != nil {
		t.Fatal(err)
	}
	var status int
	var data map[string]any
	for range 5 {
		status, data = post("/api/collections/users/auth-with-password", `{"identity":"a@example.com","password":"x"}`)
	}
	if status != http.StatusTooManyRequests || data["code"] != "too_many_requests" {
		t.Errorf("too many: %d %v", status, data)
	}
}
