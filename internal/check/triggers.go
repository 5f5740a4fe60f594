package check

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plaza.internal/plaza/internal/triggers/when"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// MaxTimers is how many timers a program may have.
	MaxTimers = 20
	// functionConfig is the file of a cloud function that holds its timers.
	functionConfig = "config.json"
)

// Kinds of triggers.
const (
	TriggerTimer = "timer"
	TriggerHook  = "hook"
)

// Trigger is what runs a function of the program when nobody calls it.
type Trigger struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"` // of the timer, or the event
	Function string `json:"function"`
	Spec     string `json:"spec"` // the timer's seven fields, or the event
}

// timerName is WeChat's rule for the names of timers.
var timerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,59}$`)

// hooks judges the events that a manifest names.
func (i *inspection) hooks(m Manifest) {
	for _, event := range slices.Sorted(maps.Keys(m.Plaza.Hooks)) {
		if !when.IsEvent(event) {
			i.say(weapp.SeverityError, event, "manifest_hook", "There is no event %q; the events are %s.", event, strings.Join(when.Kinds(), ", "))
		}
		if m.Plaza.Hooks[event] == "" {
			i.say(weapp.SeverityError, event, "manifest_hook", "The event %q names no function.", event)
		}
	}
}

// triggers puts the timers of the functions and the hooks of the manifest into the report.
func (i *inspector) triggers(bundle *weapp.Bundle) {
	judge := inspection{source: i.files[manifestFile]}
	for _, event := range slices.Sorted(maps.Keys(i.manifest.Plaza.Hooks)) {
		function := i.manifest.Plaza.Hooks[event]
		if _, ok := bundle.Functions[function]; !ok && function != "" && !bundle.Failed() {
			judge.say(weapp.SeverityError, event, "manifest_hook", "The event %q runs %q, but the package has no such cloud function.", event, function)
		}
		i.report.Triggers = append(i.report.Triggers, Trigger{Kind: TriggerHook, Name: event, Function: function, Spec: event})
	}
	i.take(judge.findings...)
	timers := 0
	for _, function := range slices.Sorted(maps.Keys(bundle.Functions)) {
		file := i.functions + function + "/" + functionConfig
		source, ok := i.files[file]
		if !ok || i.has("bad_json", file) {
			continue
		}
		i.conform("function", file, string(source))
		timers = i.timers(function, file, strings.TrimPrefix(string(source), "\ufeff"), timers)
	}
}

// timers judges the timers of one function and says how many there are up to here.
func (i *inspector) timers(function, file, source string, before int) int {
	var config struct {
		Triggers []struct{ Name, Type, Config string } `json:"triggers"`
	}
	positions, err := locate(source)
	if err != nil || json.Unmarshal([]byte(source), &config) != nil {
		return before // the schema has said what is wrong
	}
	j := judged{findings: &i.findings, file: file, positions: positions, lines: newLines(source)}
	seen := map[string]bool{}
	for n, trigger := range config.Triggers {
		at := "/triggers/" + strconv.Itoa(n)
		_, named := positions.values[at+"/name"]
		_, timed := positions.values[at+"/config"]
		if trigger.Type != TriggerTimer || !named || !timed {
			continue // the schema has said that there is no other kind, or what is missing
		}
		before++
		if before == MaxTimers+1 {
			i.fail("too_many_timers", file, j.value(at), "A program may have at most %d timers.", MaxTimers)
		}
		if !timerName.MatchString(trigger.Name) {
			i.fail("timer_name", file, j.value(at+"/name"), "The name of a timer has 1 to 60 letters, digits, - and _, the first of them a letter.")
		}
		if seen[trigger.Name] {
			i.fail("timer_name", file, j.value(at+"/name"), "The function has two timers of the name %s.", short(trigger.Name, maxMessage))
		}
		seen[trigger.Name] = true
		if _, err := when.Parse(trigger.Config); err != nil {
			i.fail("timer_spec", file, j.value(at+"/config"), "%v", err)
		}
		i.report.Triggers = append(i.report.Triggers, Trigger{Kind: TriggerTimer, Name: trigger.Name, Function: function, Spec: trigger.Config})
	}
	return before
}
