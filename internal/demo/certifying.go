package demo

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/identity"
)

// certify gives the town hall and the agency their seals, and leaves one application waiting.
func (s *story) certify() {
	for _, seal := range []struct {
		org, account, kind, name, number string
		applied                          time.Duration
	}{
		{"mairie", "neighbour15", identity.Business, "Mairie du Quartier", "217 500 016", 27 * day},
		{"studio-plume", "neighbour16", identity.Agency, "Studio Plume SARL", "RCS Paris 851 204 777", 27*day - 2*time.Hour},
		{"station-corner", "neighbour18", identity.Business, "Station Corner SAS", "RCS Paris 902 118 436", 26 * time.Hour},
	} {
		var applied *core.Record
		s.at(seal.applied, func(now time.Time) error {
			document, err := filesystem.NewFileFromBytes(paper(seal.name, "Registered under "+seal.number, "Extract of "+now.Format(time.DateOnly)), "extract.pdf")
			if err != nil {
				return err
			}
			applied, err = identity.Apply(s.app, s.orgs[seal.org], identity.Application{
				Kind: seal.kind, LegalName: seal.name, Registration: seal.number, Country: "FR", Documents: []*filesystem.File{document},
			}, s.id(seal.account), now)
			if err != nil {
				return err
			}
			return s.date(applied, now)
		})
		if seal.org == "station-corner" {
			continue
		}
		s.at(seal.applied-20*time.Hour, func(now time.Time) error {
			_, err := identity.Certify(s.app, applied.Id, now.AddDate(1, 0, 0), "Seen in the register", s.id("operator"), now)
			return err
		})
	}
}

// paper is a PDF of one page with these lines, in the simplest form that readers take.
func paper(lines ...string) []byte {
	var text strings.Builder
	for i, line := range lines {
		size := 14
		if i == 0 {
			size = 24
		}
		fmt.Fprintf(&text, "BT /F1 %d Tf 72 %d Td (%s) Tj ET\n", size, 720-40*i, strings.NewReplacer("(", "\\(", ")", "\\)").Replace(line))
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, start)
	return out.Bytes()
}
