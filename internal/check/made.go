package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// usedScopes is which scope a project of WeChat's needs for what it uses; WeChat's own files declare only positions.
var usedScopes = map[string]string{
	"wx.getUserProfile": ScopeProfile, "wx.getUserInfo": ScopeProfile, "open-data": ScopeProfile,
	"wx.getLocation": ScopeLocation, "wx.getFuzzyLocation": ScopeLocation, "wx.startLocationUpdate": ScopeLocation,
	"wx.createCameraContext": ScopeCamera, "camera": ScopeCamera,
	"wx.getRecorderManager": ScopeMicrophone, "wx.startRecord": ScopeMicrophone,
	"wx.saveImageToPhotosAlbum": ScopeAlbum, "wx.saveVideoToPhotosAlbum": ScopeAlbum,
}

// manifestMade says that the package is a project of WeChat's as its author has it, without a manifest.json, and
// was sent to a program: the manifest is made, so that nothing needs to be changed to try it.
func (i *inspector) manifestMade(appid string) bool {
	if appid == "" || i.files[manifestFile] != nil {
		return false
	}
	return slices.ContainsFunc(i.names, func(name string) bool {
		base := path.Base(name)
		return base == "app.json" || base == "game.json"
	})
}

// makeManifest gives the manifest that such a project would begin with.
func (i *inspector) makeManifest(appid string) Manifest {
	var project struct {
		Name        string `json:"projectname"`
		Description string `json:"description"`
	}
	source := strings.TrimPrefix(string(i.files["project.config.json"]), "\ufeff")
	if json.Unmarshal([]byte(source), &project) != nil {
		project.Name = "" // the compiler says what is wrong with the file
	}
	name := strings.TrimSpace(project.Name)
	if !IsName(name) {
		name = appid
	}
	m := Manifest{AppID: appid, Name: name, Version: ManifestVersion{Code: 0}}
	i.take(weapp.Finding{
		File: manifestFile, Severity: weapp.SeverityWarning, Code: "manifest_made",
		Message: fmt.Sprintf("There is no manifest.json: the program is called %q and has no category. Add one to say more.", name),
	})
	return m
}

// scopesUsed completes a made manifest by what the code uses.
func (i *inspector) scopesUsed() {
	for _, use := range i.uses {
		scope, ok := usedScopes[use.Name]
		if ok && !slices.Contains(i.manifest.Plaza.Scopes, scope) {
			i.manifest.Plaza.Scopes = append(i.manifest.Plaza.Scopes, scope)
		}
	}
	order := Scopes()
	slices.SortFunc(i.manifest.Plaza.Scopes, func(a, b string) int {
		return cmp.Compare(slices.Index(order, a), slices.Index(order, b))
	})
}
