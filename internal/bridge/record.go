package bridge

import (
	"context"
	"errors"

	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
)

// record writes what a function said and how it failed to the program's log. A call that says nothing and
// succeeds, as most do, costs nothing here.
func (c call) record(function string, result sandbox.Result, err error) {
	if len(result.Logs) == 0 && err == nil {
		return
	}
	lines := make([]logs.Line, 0, len(result.Logs)+1)
	for _, said := range result.Logs {
		level := said.Level
		if level == "log" {
			level = logs.Info
		}
		lines = append(lines, c.line(function, level, said.Text))
	}
	if err != nil && !errors.Is(err, context.Canceled) { // who hung up is no failure of the function
		lines = append(lines, c.failure(function, err))
	}
	logs.Write(c.app, lines...)
}

func (c call) line(function, level, text string) logs.Line {
	return logs.Line{
		At: c.now, Program: c.program.AppID, Version: c.program.Number, Request: c.request, Source: function, Level: level, Text: text,
	}
}

// failure is the line of a call that failed. A refusal that the house gave, such as a missing consent, is a
// warning: the function may well be right to let it through.
func (c call) failure(function string, err error) logs.Line {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return c.line(function, logs.Error, errInternal.Code)
	}
	level := logs.Warn
	for _, fault := range []error{
		sandbox.ErrFunction, sandbox.ErrTimeout, sandbox.ErrMemory, sandbox.ErrRecursion, sandbox.ErrUnsettled,
		sandbox.ErrTooManyHostCalls, sandbox.ErrTooLarge, sandbox.ErrNoFunction,
	} {
		if errors.Is(err, fault) {
			level = logs.Error
		}
	}
	line := c.line(function, level, no.Error())
	line.Stack, _ = no.Details["stack"].(string)
	return line
}
