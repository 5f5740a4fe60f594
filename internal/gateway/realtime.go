package gateway

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Limits of realtime connections. PocketBase allows a thousand topics per client, any topic name, any number
// of connections, and never gives up on a reader that does not read: one guest could hold thousands of
// goroutines.
const (
	SubscriptionsPerClient = 20
	ConnectionsPerAddress  = 200 // a whole shop may stand behind one address
	realtimeWriteDeadline  = 5 * time.Second
)

var (
	errTooManyTopics = refusal.New(http.StatusTooManyRequests, "too_many_subscriptions",
		"A client may follow at most 20 topics.").With("limit", SubscriptionsPerClient)
	errTopic = refusal.New(http.StatusForbidden, "topic_not_allowed",
		"Only records of known collections can be followed.")
	errTooManyConnections = refusal.New(http.StatusTooManyRequests, "too_many_connections",
		"Too many realtime connections from this address.").With("limit", ConnectionsPerAddress)
)

func registerRealtime(app core.App) {
	open := connections{perAddress: map[string]int{}}
	app.OnRealtimeConnectRequest().BindFunc(func(e *core.RealtimeConnectRequestEvent) error {
		address := e.RealIP()
		if !open.add(address) {
			return refusal.API(errTooManyConnections)
		}
		defer open.remove(address)
		return e.Next()
	})
	app.OnRealtimeSubscribeRequest().BindFunc(func(e *core.RealtimeSubscribeRequestEvent) error {
		if e.HasSuperuserAuth() {
			return e.Next()
		}
		if len(e.Subscriptions) > SubscriptionsPerClient {
			return refusal.API(errTooManyTopics)
		}
		for _, topic := range e.Subscriptions {
			if !allowedTopic(e.App, topic) {
				return refusal.API(errTopic.With("topic", topic))
			}
			if !narrowTopic(topic, e.Auth != nil) {
				return refusal.API(errTooWide.With("topic", topic))
			}
		}
		return e.Next()
	})
	app.OnRealtimeMessageSend().BindFunc(func(e *core.RealtimeMessageEvent) error {
		// Some writers have no deadline (recorders in tests); for them there is nothing to bound.
		_ = http.NewResponseController(e.Response).SetWriteDeadline(time.Now().Add(realtimeWriteDeadline))
		return e.Next()
	})
}

// connected is the topic that PocketBase's own SDK also asks for; only the connection itself ever gets it.
const connected = "PB_CONNECT"

// allowedTopic is true for COLLECTION/* and COLLECTION/ID, with options, of a collection that is not a system
// one. What a subscriber then sees is decided by that collection's rules.
func allowedTopic(app core.App, topic string) bool {
	if topic == connected {
		return true
	}
	name, _, _ := strings.Cut(topic, "?")
	collection, record, ok := strings.Cut(name, "/")
	if !ok || record == "" || strings.HasPrefix(collection, "_") {
		return false
	}
	_, err := app.FindCachedCollectionByNameOrId(collection)
	return err == nil
}

// connections counts the open realtime connections of each address.
type connections struct {
	mu         sync.Mutex
	perAddress map[string]int
}

func (c *connections) add(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.perAddress[address] >= ConnectionsPerAddress {
		return false
	}
	c.perAddress[address]++
	return true
}

func (c *connections) remove(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.perAddress[address]--; c.perAddress[address] <= 0 {
		delete(c.perAddress, address)
	}
}
