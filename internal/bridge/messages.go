package bridge

import (
	"encoding/json"

	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/programs"
)

// messagesSendArgs is WeChat's subscribeMessage.send: a value is text, or an object with it.
type messagesSendArgs struct {
	To       string                     `json:"touser"`
	Template string                     `json:"templateId"`
	Page     string                     `json:"page"`
	Data     map[string]json.RawMessage `json:"data"`
}

// messagesSend sends a message to a person who has agreed to it. Functions alone may: what a page says, anybody can
// say on their own device.
func messagesSend(c call, args messagesSendArgs) (any, error) {
	if err := c.program.Allowed(c.app, programs.RightPush); err != nil {
		return nil, err
	}
	data, err := inbox.Values(args.Data)
	if err != nil {
		return nil, err
	}
	return map[string]any{}, inbox.Send(c.app, c.program.ID, c.program.AppID, inbox.Message{
		To: args.To, Template: args.Template, Page: args.Page, Data: data,
	})
}
