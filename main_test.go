package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// Every described route answers, and answers a guest with a refusal in one shape: no description of what is
// not there, no route that forgets to ask who is calling.
func TestTheDescriptionMatchesTheRoutes(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	var document struct {
		Paths map[string]map[string]struct {
			Summary  string
			Security []any
		}
		Components struct{ Schemas map[string]any }
	}
	answer := client.Must(http.StatusOK, http.MethodGet, "/api/openapi.json", "", nil)
	if err := json.Unmarshal(answer.Body, &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Paths) < 25 {
		t.Errorf("only %d paths are described", len(document.Paths))
	}
	for path, operations := range document.Paths {
		for method, operation := range operations {
			if operation.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			method = strings.ToUpper(method)
			got := client.Do(method, wildcard.ReplaceAllString(path, "nothing"), "", map[string]any{})
			if got.Code() == "no_such_route" || got.Status == http.StatusMethodNotAllowed {
				t.Errorf("%s %s is described and not there", method, path)
			}
			if len(operation.Security) > 0 && got.Code() != "sign_in_required" {
				t.Errorf("%s %s lets a guest in: %d %s", method, path, got.Status, got.Body)
			}
		}
	}
	for _, word := range regexp.MustCompile(`#/components/schemas/([A-Za-z0-9_]+)`).FindAllStringSubmatch(string(answer.Body), -1) {
		if document.Components.Schemas[word[1]] == nil {
			t.Errorf("the schema %s is referred to and missing", word[1])
		}
	}
}

var wildcard = regexp.MustCompile(`\{[^}]+\}`)

// API routes are registered through route.Handle, which documents them; only the gateway's catch-all is not.
func TestNoRouteIsUndocumented(t *testing.T) {
	bare := regexp.MustCompile(`Router\.(GET|POST|PUT|PATCH|DELETE|Any|Route)\([^)]*"/api/`)
	err := filepath.WalkDir("internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range bare.FindAllString(string(source), -1) {
			if match != `Router.GET("/api/` || path != filepath.Join("internal", "gateway", "gateway.go") {
				t.Errorf("%s registers %s… without a description", path, match)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
