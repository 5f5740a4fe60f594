package bridge

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proxy"
)

// A person with many programs has no more of the house's exchanges than a host's warm programs need; programs that ask
// on nobody's behalf are counted by themselves.
func TestLanesOfAPerson(t *testing.T) {
	ana := core.NewRecord(core.NewAuthCollection("users"))
	ana.Id = "ana"
	most := map[proxy.Lane]int{}
	for _, appid := range []string{"one", "two", "three"} {
		for _, lane := range (call{user: ana, program: programs.Program{AppID: appid}}).lanes("", RequestsAtOnce, RequestsOfProgram) {
			most[lane]++
		}
		for _, lane := range (call{program: programs.Program{AppID: appid}}).lanes("", RequestsAtOnce, RequestsOfProgram) {
			most[lane]++
		}
	}
	for lane, times := range map[proxy.Lane]int{
		{Key: "person/one/ana", Most: RequestsAtOnce}:                  1,
		{Key: "everywhere/ana", Most: RequestsAtOnce * ProgramsAtOnce}: 3,
		{Key: "program/one", Most: RequestsOfProgram}:                  2,
		{Key: "alone/one", Most: RequestsAtOnce}:                       1,
	} {
		if most[lane] != times {
			t.Errorf("%+v is there %d times of %d", lane, most[lane], times)
		}
	}
	if len(most) != 10 {
		t.Errorf("%v", most)
	}
}
