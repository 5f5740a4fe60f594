package orders_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listener is a browser's realtime connection.
type listener struct {
	t      testing.TB
	events chan map[string]any // the records of the orders that it is told about
}

// listen connects, subscribes and returns once the server has both.
func (s *street) listen(token string, topics ...string) *listener {
	s.t.Helper()
	response, err := s.client.Server.Client().Get(s.client.Server.URL + "/api/realtime")
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("connect: %v", err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	l := &listener{t: s.t, events: make(chan map[string]any, 100)}
	connected := make(chan string, 1)
	go l.read(bufio.NewScanner(response.Body), connected)
	s.client.Must(204, "POST", "/api/realtime", token, map[string]any{"clientId": <-connected, "subscriptions": topics})
	return l
}

func (l *listener) read(lines *bufio.Scanner, connected chan<- string) {
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data:")
		if !found {
			continue
		}
		var message struct {
			ClientID string         `json:"clientId"`
			Record   map[string]any `json:"record"`
		}
		if json.Unmarshal([]byte(data), &message) != nil {
			continue
		}
		if message.ClientID != "" {
			connected <- message.ClientID
		} else if message.Record != nil {
			l.events <- message.Record
		}
	}
}

// until returns everything that came up to the record that is wanted.
func (l *listener) until(wanted func(record map[string]any) bool) []map[string]any {
	l.t.Helper()
	var came []map[string]any
	deadline := time.After(5 * time.Second)
	for {
		select {
		case record := <-l.events:
			came = append(came, record)
			if wanted(record) {
				return came
			}
		case <-deadline:
			l.t.Fatalf("it never came; before it came %v", came)
		}
	}
}

// The paid order comes by itself to the phone that paid and to the till, whole and as it is stored; a
// stranger who listens to everything hears only of their own.
func TestThePaidOrderComesByItself(t *testing.T) {
	s := newStreet(t)
	_, token := s.customer("Ada", 1000)
	_, strangerToken := s.customer("Eve", 1000)
	path := s.basket(token, s.bread)
	id := path[len("/api/orders/"):]
	phone := s.listen(token, "orders/"+id)
	till := s.listen(s.till, "orders/*")
	stranger := s.listen(strangerToken, "orders/*", "orders/"+id)
	guest := s.listen("", "orders/*", "orders/"+id)

	paid := s.pay(path, token)
	isPaid := func(record map[string]any) bool { return record["id"] == id && record["status"] == "paid" }
	for _, l := range []*listener{phone, till} {
		came := l.until(isPaid)
		got := came[len(came)-1]
		if got["number"] != "000001" || got["total"] != 250.0 || got["exit_code"] != paid.Text("exit_code") || got["audit"] != nil {
			t.Errorf("it came as %v", got)
		}
	}
	// A refused payment is no event: the next thing that the till hears of is the stranger's basket.
	s.pay(path, token)
	theirs := s.start(strangerToken)[len("/api/orders/"):]
	for _, record := range stranger.until(func(record map[string]any) bool { return record["id"] == theirs }) {
		if record["id"] == id {
			t.Errorf("a stranger hears of %v", record)
		}
	}
	if came := till.until(func(record map[string]any) bool { return record["id"] == theirs }); len(came) != 1 {
		t.Errorf("the till heard of %v", came)
	}
	if len(guest.events) != 0 {
		t.Errorf("a guest hears of %v", <-guest.events)
	}
}
