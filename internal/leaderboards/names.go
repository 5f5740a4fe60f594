package leaderboards

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/identity"
)

// masks are what players are called who have not told the program their name: animals that read alike in every language.
var masks = strings.Fields("Alpaca Axolotl Bison Bonobo Caribou Colibri Condor Dingo Fennec Gazelle Gecko Ibis Impala Jaguar Kiwi Koala Lama Lemur " +
	"Lynx Mustang Ocelot Okapi Orca Panda Puma Quokka Robin Serval Tapir Toucan Wombat Yak Zebu")

// namer says how the players of a board are called: by their name if they let the program know it, by a mask that is the
// same in all seasons of the board if not.
type namer struct {
	key   []byte
	board int64
	known map[string]string
}

// namesOn reads the names of the people that the program may know.
func namesOn(app core.App, b board, people []string) (namer, error) {
	return namesWhere(app, b, people, `AND EXISTS (SELECT 1 FROM programs_consents c WHERE c.user = u.id AND c.appid = {:appid}
		AND c.scope = 'profile' AND c.state = 'granted' AND c.duration = 'always')`)
}

// namesOfFriends reads everybody's name: friends know each other, and what shows them cannot tell anybody.
func namesOfFriends(app core.App, b board, people []string) (namer, error) {
	return namesWhere(app, b, people, "")
}

func namesWhere(app core.App, b board, people []string, allowed string) (namer, error) {
	n := namer{board: b.ID, known: map[string]string{}}
	var err error
	if n.key, err = identity.Key(app, "leaderboards"); err != nil {
		return n, err
	}
	ids, err := json.Marshal(people)
	if err != nil {
		return n, err
	}
	var rows []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	err = app.DB().NewQuery("SELECT u.id, u.name FROM users u WHERE u.id IN (SELECT value FROM json_each({:people})) " + allowed).
		Bind(dbx.Params{"people": string(ids), "appid": b.AppID}).All(&rows)
	if err != nil {
		return n, fmt.Errorf("names of players: %w", err)
	}
	for _, row := range rows {
		if check.IsName(row.Name) {
			n.known[row.ID] = strings.TrimSpace(row.Name)
		}
	}
	return n, nil
}

func (n namer) name(person string) string {
	if name := n.known[person]; name != "" {
		return name
	}
	mac := hmac.New(sha256.New, n.key)
	fmt.Fprintf(mac, "%d/%s", n.board, person)
	sum := binary.BigEndian.Uint64(mac.Sum(nil))
	return fmt.Sprintf("%s %04d", masks[sum%uint64(len(masks))], sum/uint64(len(masks))%10_000)
}
