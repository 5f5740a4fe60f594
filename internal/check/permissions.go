package check

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// ReasonLimit is how many characters a program has to say what it wants a scope for. WeChat asks for 30.
const ReasonLimit = 80

// weChatScopes is which scope of ours WeChat's are.
var weChatScopes = map[string]string{
	"scope.userInfo":               ScopeProfile,
	"scope.userLocation":           ScopeLocation,
	"scope.userFuzzyLocation":      ScopeLocation,
	"scope.userLocationBackground": ScopeLocation,
	"scope.camera":                 ScopeCamera,
	"scope.record":                 ScopeMicrophone,
	"scope.writePhotosAlbum":       ScopeAlbum,
}

// privateInfos is which scope the names in requiredPrivateInfos of app.json need. Places and addresses that people
// choose themselves need none.
var privateInfos = map[string]string{
	"getLocation": ScopeLocation, "getFuzzyLocation": ScopeLocation, "onLocationChange": ScopeLocation,
	"startLocationUpdate": ScopeLocation, "startLocationUpdateBackground": ScopeLocation,
}

// weChatPermissions are the members of app.json by which a project of WeChat's declares what it will ask people for.
type weChatPermissions struct {
	Permission map[string]struct {
		Desc string `json:"desc"`
	} `json:"permission"`
	Private []string `json:"requiredPrivateInfos"`
}

// scopesOfApp completes the manifest by what app.json says: the scopes, unless the manifest lists scopes itself, and what
// each is wanted for, unless the manifest says that.
func (i *inspector) scopesOfApp() {
	const name = "app.json"
	var says weChatPermissions
	file := i.root + name
	if json.Unmarshal([]byte(strings.TrimPrefix(string(i.files[file]), "\ufeff")), &says) != nil {
		return // the schema says what is wrong with it
	}
	scopes := map[string]bool{}
	for _, api := range says.Private {
		scopes[privateInfos[api]] = true
	}
	reasons := map[string]string{}
	for _, theirs := range slices.Sorted(maps.Keys(says.Permission)) {
		scope := weChatScopes[theirs]
		scopes[scope] = true
		reason, ok := asReason(says.Permission[theirs].Desc)
		if !ok {
			i.warn("bad_reason", file, newLines(string(i.files[file])).at(max(strings.Index(string(i.files[file]), `"`+theirs+`"`), 0)),
				"What %s is wanted for has more than %d characters, or some that cannot be seen: people are not shown it.", theirs, ReasonLimit)
		}
		if reason != "" && scope != "" && reasons[scope] == "" {
			reasons[scope] = reason
		}
	}
	plaza := &i.manifest.Plaza
	if plaza.Scopes == nil {
		for _, scope := range Scopes() {
			if scopes[scope] {
				plaza.Scopes = append(plaza.Scopes, scope)
			}
		}
	}
	for scope, reason := range reasons {
		if _, said := plaza.Reasons[scope]; said || !slices.Contains(plaza.Scopes, scope) {
			continue
		}
		if plaza.Reasons == nil {
			plaza.Reasons = map[string]string{}
		}
		plaza.Reasons[scope] = reason
	}
}

// asReason is the text as people are shown it: on one line, and not at all when it is too long or hides something.
func asReason(text string) (reason string, ok bool) {
	reason = strings.Join(strings.Fields(text), " ")
	if reason == "" {
		return "", true
	}
	if len([]rune(reason)) > ReasonLimit || strings.ContainsFunc(reason, isHidden) {
		return "", false
	}
	return reason, true
}

// reasons judges what the manifest says it wants its scopes for.
func (i *inspection) reasons(m Manifest) {
	for _, scope := range slices.Sorted(maps.Keys(m.Plaza.Reasons)) {
		if !slices.Contains(Scopes(), scope) {
			i.say(weapp.SeverityError, scope, "manifest_scope", "There is no scope %q; the scopes are %s.", scope, strings.Join(Scopes(), ", "))
		} else if reason, ok := asReason(m.Plaza.Reasons[scope]); !ok || reason == "" {
			i.say(weapp.SeverityError, "reasons", "manifest_reason", "x_plaza.reasons.%s must have 1 to %d characters, none of them invisible.", scope, ReasonLimit)
		} else if m.Plaza.Scopes != nil && !slices.Contains(m.Plaza.Scopes, scope) {
			i.say(weapp.SeverityWarning, "reasons", "manifest_reason", "x_plaza.reasons.%s is never shown: the scope is not among x_plaza.scopes.", scope)
		}
	}
}
