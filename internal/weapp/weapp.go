// Package weapp compiles a WeChat mini program project into one bundle that the program frame runs.
//
// The idea: what an author uploads is only text, and this package is the one place that reads it. It knows
// no domain and no network; it takes a map of paths and gives back a bundle and a list of findings. The
// invariant: whatever the project holds, Compile ends within its caps and its context, says what is wrong
// with file, line and column, and never gives out a script when there was an error.
//
// # The bundle
//
// Bundle.Script is one classic script. It calls five functions that the frame defines on the global object
// before the script is loaded, in this order, and then the last one:
//
//	__c(config)          once; the same object as Bundle.Config
//	__g(() => groups)    once; the template groups of glass-easel, path → generator
//	__s(path, css)       per sheet: "app", a page or a component
//	__d(path, outer)     per module; outer(wx, App, …) gives function (require, module, exports)
//	__json(path, value)  per .json file that a script may require
//	__run()              once, at the end
//
// Paths never begin with a slash. Pages, components and templates have no extension; modules have theirs,
// always ".js", also when the source was TypeScript. The outer function's parameters are ModuleParameters.
//
// In a sheet, ".__S__name" stands for a class: the frame replaces the placeholder with the scope's prefix,
// or with nothing, because styleIsolation is known only when the component's script has run. "__H__" in
// [wx-host="__H__"] stands for the scope's host. Every type selector has the prefix "wx-".
//
// # Kinds
//
// Config.Kind says what the bundle is, and the frame shows each kind in its own way.
//
// An app (app.json) is as above.
//
// A game (game.json) has neither templates nor sheets nor components: the script is __c, __g(() => ({})), the
// modules and __run. Config.Entry is "game", so __run requires the module game.js.
// Each entry of Config.Subpackages has Entry, the module that wx.loadSubpackage({ name }) requires; its code is
// in the same script. Modules take the same parameters; window and globalThis in them are the frame's to give,
// and GameGlobal, canvas and the like are globals that the frame must define. Config.App is game.json.
//
// A web program (index.html) is its files: Resources holds all of them under res/, HTML, sheets and scripts
// included, unchanged. Its script is only __c and __run, so that every bundle has one; Config.Entry is
// "index.html". Documents load their scripts by <script src>, since the frame runs no inline script, and find
// the bridge as window.plaza. Cloud functions are compiled as for the other kinds.
package weapp

import (
	"context"
	"encoding/json"
)

// Severities of a Finding.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// ModuleParameters are the parameters of a module's outer function, in order. They sit on an outer function
// so that a module may declare a constant of the same name.
var ModuleParameters = [...]string{
	"wx", "App", "Page", "Component", "Behavior", "getApp", "getCurrentPages",
	"global", "globalThis", "window", "self", "requirePlugin", "requireMiniProgram",
}

// Kinds of projects.
const (
	KindApp  = "app"
	KindGame = "game"
	KindWeb  = "web"
)

// Finding is one thing that is wrong, or may be, with a project. Line and Column count from 1; 0 is unknown.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// Bundle is a compiled project.
type Bundle struct {
	// Config is the program table; see Config for its members.
	Config json.RawMessage
	// Script is one classic script; nil when a finding is an error.
	Script []byte
	// Resources are the files that pages refer to, by path, each beginning with "res/".
	Resources map[string][]byte
	// Functions are the cloud functions: name → path → CommonJS source for the sandbox. The entry is index.js.
	Functions map[string]map[string]string
	// Findings are all the problems, errors and warnings, ordered by file and position.
	Findings []Finding
	// Kind of the project, and its folders in the upload: "" or with a slash at the end. FunctionRoot is ""
	// when there are no cloud functions.
	Kind, Root, FunctionRoot string
	// Sources are the files of the upload that became part of Script: templates, scripts, sheets and the
	// configurations of pages and components, sorted. Cloud functions are not among them.
	Sources []string
}

// Failed says whether a finding is an error, that is, whether there is nothing to run.
func (b *Bundle) Failed() bool {
	for _, f := range b.Findings {
		if f.Severity == SeverityError {
			return true
		}
	}
	return false
}

// Compile compiles the project with the process's own compiler, which is prepared at the first call. What is
// wrong with the project is in Bundle.Findings; an error means that the compiler could not finish: the
// context ended, or the project is over a cap.
func Compile(ctx context.Context, files map[string][]byte) (*Bundle, error) {
	compiler, err := processCompiler()
	if err != nil {
		return nil, err
	}
	return compiler.Compile(ctx, files)
}
