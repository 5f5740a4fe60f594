package demo

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
)

// swims is what people have bought of the pool: the title that the program gives it, and what it asked.
var swims = []struct {
	title  map[string]string
	amount ledger.Amount
}{
	{map[string]string{"en": "One swim", "fr": "Une entrée", "zh": "单次票"}, 450},
	{map[string]string{"en": "Reduced swim × 2", "fr": "Entrée à tarif réduit × 2", "zh": "优惠票 × 2"}, 560},
	{map[string]string{"en": "Family day", "fr": "Journée en famille", "zh": "家庭日票"}, 1200},
	{map[string]string{"en": "One swim × 2", "fr": "Une entrée × 2", "zh": "单次票 × 2"}, 900},
	{map[string]string{"en": "Ten swims", "fr": "Dix entrées", "zh": "十次票"}, 3900},
}

const (
	swimBills  = 48 // sold in the past two weeks
	swimsApart = 7 * time.Hour
)

// swim is the town hall's pool, which sells its tickets by bill.
func (s *story) swim() {
	m := maker{"swim", "neighbour15", "mairie"}
	s.approved(m, edition{number: 1, name: "1.0.0", note: "Tickets by phone", notes: "Tickets are paid by bill and can be given back.", uploaded: 18 * day, waiting: 6 * time.Hour}, 100)
	for i := range swimBills {
		s.sold(i, swimsApart*time.Duration(swimBills-i)+time.Duration(i*37%60)*time.Minute)
	}
}

// sold is the i-th bill, and what became of it.
func (s *story) sold(i int, ago time.Duration) {
	var bill *core.Record
	s.at(ago, func(now time.Time) error {
		program, err := programs.Live(s.app, "swim")
		if err != nil {
			return err
		}
		person := s.customers[1+i*5%(len(s.customers)-1)]
		ticket := swims[i*3%len(swims)]
		bill, err = bills.Make(s.app, program, person, bills.Draft{
			Amount: ticket.amount, Title: ticket.title[[]string{"fr", "en", "zh"}[i%3]], Reference: fmt.Sprintf("swim-demo-%03d", i+1),
		}, now)
		if err != nil {
			return err
		}
		if err := s.date(bill, now); err != nil {
			return err
		}
		if i%16 == 15 {
			_, err = bills.Close(s.app, "program:swim", program.ID, bill.Id, now)
		} else if i%11 != 10 { // nobody pays the others in time
			_, err = bills.Pay(s.app, person, bill.Id, payments.ByCard, now.Add(time.Minute))
		}
		return err
	})
	if i%16 == 15 || i%11 == 10 || i%6 != 2 {
		return
	}
	s.at(ago-2*time.Hour, func(now time.Time) error {
		back := bills.Return{Key: "cancel", Reason: "You gave the ticket back", Source: bills.ByProgram}
		actor := "program:swim"
		if i%12 == 2 { // the pool itself, for a part
			back = bills.Return{Key: "console-demo", Amount: 150, Reason: "The slide was closed", Source: bills.ByPayee}
			actor = s.id("neighbour15")
		}
		_, err := bills.Refund(s.app, actor, bill.GetString("program"), bill.Id, back, now)
		return err
	})
}
