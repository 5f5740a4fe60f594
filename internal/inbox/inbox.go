// Package inbox is what people are told: so far by mini programs, in messages that they agreed to.
//
// A maker lays down templates. A program asks the person for one or several of them, and each yes is a ticket for
// one message; sending takes the ticket and leaves a notice, in one transaction. The invariants: nobody gets a
// message without a ticket, no ticket is good for two messages however many are sent at once, and a lasting no
// takes all tickets of its template with it.
package inbox

import (
	"net/http"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// TemplatesLimit is how many templates a program may have.
	TemplatesLimit = 50
	// FieldsLimit is how many fields a template may have.
	FieldsLimit = 10
	// AskLimit is how many templates a program may ask for at once (WeChat's own number).
	AskLimit = 3
	// TicketsLimit is how many messages of one template a person can have agreed to and not got yet.
	TicketsLimit = 100
	// ValueLimit is how many characters a field's value may have.
	ValueLimit = 100
	// PageLimit is how many bytes the page that a message opens may have, with its query.
	PageLimit = 1024
	// Kept is how long a notice can be read.
	Kept = 90 * 24 * time.Hour

	titleLimit = 60
	nameLimit  = 40
)

// What a person answers to one template.
const (
	Accept = "accept" // one message
	Reject = "reject" // not this time
	Ban    = "ban"    // no more questions about it
)

var (
	// ErrBadTemplate refuses a template that cannot be one; data.detail says why.
	ErrBadTemplate = refusal.New(http.StatusBadRequest, "bad_template", "This is not a template for messages.")
	// ErrTemplateUnknown refuses a template that the program does not have.
	ErrTemplateUnknown = refusal.New(http.StatusNotFound, "template_unknown", "The mini program has no such message template.")
	// ErrTooManyTemplates refuses a template over TemplatesLimit, or a question over AskLimit.
	ErrTooManyTemplates = refusal.New(http.StatusConflict, "too_many_templates", "These are too many message templates.")
	// ErrNoTicket refuses a message that the person has not agreed to.
	ErrNoTicket = refusal.New(http.StatusForbidden, "no_ticket", "The person has not agreed to this message.")
	// ErrBadMessage refuses a message whose values do not fit its template; data.detail says which.
	ErrBadMessage = refusal.New(http.StatusBadRequest, "bad_message", "The message does not fit its template.")
	// ErrBadPage refuses a page that no message can lead to.
	ErrBadPage = refusal.New(http.StatusBadRequest, "bad_page", "The page must be one line of 1,024 bytes at most.")
	// ErrBadAnswer refuses an answer that is none of Accept, Reject and Ban.
	ErrBadAnswer = refusal.New(http.StatusBadRequest, "bad_answer", "The answer is accept, reject or ban.")
)
