package mp_test

import (
	"image/color"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"plaza.internal/plaza/internal/apptest"
)

// The code that is drawn is the code of the link that is printed, sign by sign.
func TestQRIsDrawnAndLeadsToTheProgram(t *testing.T) {
	app := apptest.New(t, register)
	client := apptest.NewClient(t, app)
	apptest.Person(t, app, "Mina")
	d := newDesk(t)
	d.must(0, "login", "--server", client.Server.URL, "--email", "mina@plaza.test")
	d.must(0, "init", "hello")
	d.must(0, "upload", "hello")
	t.Chdir("hello")

	drawn := d.must(0, "qr", "--path", "pages/sky/sky", "--query", "id=dawn&from="+strings.Repeat("poster", 20), "--trial", "latest")
	link := strings.TrimSpace(drawn.out)
	want, err := qr.Encode(link, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	const quiet = 2
	rows := strings.Split(strings.TrimSuffix(drawn.err, "\n"), "\n")
	width := want.Bounds().Dx()
	for y := range width {
		row := []rune(rows[(y+quiet)/2])
		for x := range width {
			light := strings.ContainsRune("█▀", row[x+quiet])
			if (y+quiet)%2 == 1 {
				light = strings.ContainsRune("█▄", row[x+quiet])
			}
			if (want.At(x, y) == color.Gray16{Y: 0xffff}) != light {
				t.Fatalf("the sign at %d,%d is wrong in\n%s", x, y, drawn.err)
			}
		}
	}

	made := d.must(0, "qr", "--json", "--scene", "1047", "--trial", "1.0.0").object(t)
	opens := client.Must(200, "GET", "/api/links/"+made["code"].(string), "", nil)
	if opens.Text("appid") != "hello" || opens.Number("scene") != 1047 || opens.Number("version") != 1 {
		t.Errorf("the link opens %s", opens.Body)
	}
	d.must(2, "qr", "--trial", "latest", "-p", "..").has(t, "manifest.json")
}
