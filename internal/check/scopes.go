package check

import "maps"

// Scopes a manifest may ask for. The bridge's table ties each method to one of them, or to none.
const (
	ScopeProfile    = "profile"    // see the person's name and language
	ScopeLocation   = "location"   // see where the person is
	ScopeCamera     = "camera"     // look through the camera
	ScopeMicrophone = "microphone" // record sound
	ScopeAlbum      = "album"      // put pictures on the person's device
	ScopeOrders     = "orders"     // see, start and fill the person's baskets
	ScopePoints     = "points"     // see the person's points, and take rewards for them
)

// Scopes is every scope there is, in the order in which a person is asked.
func Scopes() []string {
	return []string{ScopeProfile, ScopeLocation, ScopeCamera, ScopeMicrophone, ScopeAlbum, ScopeOrders, ScopePoints}
}

// methodScopes is which scope a method of the bridge needs, "" for none. The bridge's tests compare it with
// the bridge's own table.
var methodScopes = map[string]string{
	"catalog.places":       "",
	"catalog.products":     "",
	"catalog.product":      "",
	"campaigns.offers":     "",
	"orders.start":         ScopeOrders,
	"orders.scan":          ScopeOrders,
	"orders.line":          ScopeOrders,
	"orders.coupon":        ScopeOrders,
	"orders.get":           ScopeOrders,
	"orders.current":       ScopeOrders,
	"orders.list":          ScopeOrders,
	"loyalty.statement":    ScopePoints,
	"loyalty.statements":   ScopePoints,
	"loyalty.rewards":      ScopePoints,
	"loyalty.take":         ScopePoints,
	"loyalty.vouchers":     ScopePoints,
	"loyalty.release":      ScopePoints,
	"identity.profile":     ScopeProfile,
	"badge.set":            "",
	"identity.userinfo":    ScopeProfile,
	"identity.session":     "",
	"consents.get":         "",
	"consents.use":         "",
	"bills.make":           "",
	"bills.get":            "",
	"bills.refund":         "",
	"bills.close":          "",
	"receipts.issue":       "",
	"receipts.get":         "",
	"messages.send":        "",
	"nearby.search":        "",
	"nearby.categories":    "",
	"nearby.listing":       "",
	"nearby.map":           "",
	"nearby.report":        "",
	"leaderboards.list":    "",
	"leaderboards.play":    "",
	"leaderboards.join":    "",
	"leaderboards.submit":  "",
	"leaderboards.top":     "",
	"leaderboards.around":  "",
	"leaderboards.mine":    "",
	"leaderboards.seasons": "",
	"leaderboards.friends": "",
	"network.request":      "",
	"clouddb.get":          "",
	"clouddb.count":        "",
	"clouddb.aggregate":    "",
	"clouddb.watch":        "",
	"clouddb.add":          "",
	"clouddb.set":          "",
	"clouddb.update":       "",
	"clouddb.remove":       "",
	"clouddb.collection":   "",
	"clouddb.transaction":  "",
	"files.upload":         "",
	"files.download":       "",
	"files.urls":           "",
	"files.delete":         "",
}

// MethodScopes is which scope each method of the bridge needs, "" for none.
func MethodScopes() map[string]string { return maps.Clone(methodScopes) }
