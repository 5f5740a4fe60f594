package check_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/check"
)

// A project of WeChat's says in app.json what it will ask people for; what the manifest says counts more.
func TestScopesOfAProjectOfWeChats(t *testing.T) {
	const app = `{"pages":["pages/a/a"],"permission":{"scope.userLocation":{"desc":"To find  shops\nnear you"},"scope.record":{"desc":"Voice notes"},"scope.werun":{"desc":"Steps"}},
		"requiredPrivateInfos":["getLocation","chooseAddress"]}`
	const manifest = `{"app_id":"shop","name":"Shop","x_plaza":{"category":"shopping"`
	for name, one := range map[string]struct {
		files   map[string][]byte
		scopes  []string
		reasons map[string]string
		told    string
	}{
		"app.json alone": {
			project("app.json", app, "manifest.json", manifest+`}}`),
			[]string{check.ScopeLocation, check.ScopeMicrophone},
			map[string]string{check.ScopeLocation: "To find shops near you", check.ScopeMicrophone: "Voice notes"},
			"",
		},
		"a manifest with scopes": {
			project("app.json", app, "manifest.json", manifest+`,"scopes":["location"]}}`),
			[]string{check.ScopeLocation},
			map[string]string{check.ScopeLocation: "To find shops near you"},
			"",
		},
		"a manifest without any": {project("app.json", app, "manifest.json", manifest+`,"scopes":[]}}`), nil, nil, ""},
		"a manifest with reasons": {
			project("app.json", app, "manifest.json", manifest+`,"scopes":["location","profile"],"reasons":{"location":"For deliveries","profile":"Your name on the cup"}}}`),
			[]string{check.ScopeLocation, check.ScopeProfile},
			map[string]string{check.ScopeLocation: "For deliveries", check.ScopeProfile: "Your name on the cup"},
			"",
		},
		"places that people choose": {project("app.json", `{"pages":["pages/a/a"],"requiredPrivateInfos":["chooseLocation","choosePoi"]}`, "manifest.json", manifest+`}}`), nil, nil, ""},
		"a fuzzy position":          {project("app.json", `{"pages":["pages/a/a"],"requiredPrivateInfos":["getFuzzyLocation"]}`, "manifest.json", manifest+`}}`), []string{check.ScopeLocation}, nil, ""},
		"a long reason": {
			project("app.json", `{"pages":["pages/a/a"],"permission":{"scope.camera":{"desc":"`+strings.Repeat("x", check.ReasonLimit+1)+`"}}}`, "manifest.json", manifest+`}}`),
			[]string{check.ScopeCamera},
			nil, "warning bad_reason app.json:1:38",
		},
		"a reason that hides something": {
			project("app.json", `{"pages":["pages/a/a"],"permission":{"scope.camera":{"desc":"a\u202eb"}}}`, "manifest.json", manifest+`}}`), []string{check.ScopeCamera}, nil, "warning bad_reason app.json:1:38",
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := check.Package(t.Context(), packed(t, one.files), "shop", check.Default(), "")
			if err != nil || report.Failed() {
				t.Fatalf("%v %+v", err, report.Findings)
			}
			if !slices.Equal(report.Scopes, nonNil(one.scopes)) || !maps.Equal(report.Manifest.Plaza.Reasons, one.reasons) {
				t.Errorf("scopes %q, reasons %q", report.Scopes, report.Manifest.Plaza.Reasons)
			}
			if one.told != "" && !slices.Contains(told(report), one.told) {
				t.Errorf("told %q", told(report))
			}
		})
	}
}

func nonNil(list []string) []string { return append([]string{}, list...) }

// What a manifest says it wants a scope for is judged as its other texts are.
func TestReasonsOfAManifest(t *testing.T) {
	for name, one := range map[string]struct{ plaza, want string }{
		"too long":   {`"scopes":["camera"],"reasons":{"camera":"` + strings.Repeat("x", check.ReasonLimit+1) + `"}`, "error manifest_reason"},
		"empty":      {`"scopes":["camera"],"reasons":{"camera":" "}`, "error manifest_reason"},
		"invisible":  {`"scopes":["camera"],"reasons":{"camera":"a\u202eb"}`, "error manifest_reason"},
		"no scope":   {`"scopes":["camera"],"reasons":{"everything":"x"}`, "error manifest_scope"},
		"undeclared": {`"scopes":["camera"],"reasons":{"location":"x"}`, "warning manifest_reason"},
		"good":       {`"scopes":["camera"],"reasons":{"camera":"To read the code on the table"}`, ""},
	} {
		_, found := check.ParseManifest([]byte(`{"app_id":"shop","name":"Shop","x_plaza":{`+one.plaza+`}}`), "shop", check.Default())
		got := ""
		for _, finding := range found {
			got = finding.Severity + " " + finding.Code
		}
		if got != one.want {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
	}
}

// A key of the house's own that was left in a package is found like anybody else's secret.
func TestKeysOfPlazasInAPackage(t *testing.T) {
	for _, prefix := range []string{"sk_", "pk_"} {
		source := "Page({})\nconst k = '" + prefix + strings.Repeat("a2b7", 13) + "'"
		report, err := check.Package(t.Context(), packed(t, project("pages/a/a.js", source)), "shop", check.Default(), "")
		if err != nil || !slices.Contains(told(report), "error secret pages/a/a.js:2:12") {
			t.Errorf("%s: %q (%v)", prefix, told(report), err)
		}
	}
}
