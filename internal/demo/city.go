package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	miniprograms "plaza.internal/plaza/mini_programs"
)

const (
	cityApp = "city"
	// agent is who works at the desk of the town's services.
	agent = "neighbour19"
	// citySince is when the program came, in days ago.
	citySince = 20
)

// fined is a notice of the demonstration. Its number is DEMO and four digits, its key four letters and the same
// digits; so whoever reads one can try it, and nobody takes it for a real one.
type fined struct {
	offence, class, plate, place string
	age                          int // of the notice, in days
	increased                    int // of the increased notice, in days; 0 for none
	state                        string
	hint                         map[string]string // for those that the lookup page proposes
}

// notices are of every age at which the law asks for another amount, as of the day on which the demonstration is made.
var notices = []fined{
	{"STOP", "4", "AB123CD", "12 rue du Pont", 30, 0, "issued", spoken("last day of the reduced amount", "dernier jour du tarif minoré", "减免最后一天")},
	{"STAT-GEN", "2", "CE456FG", "3 place du Marché", 6, 0, "issued", spoken("reduced amount", "tarif minoré", "减免期内")},
	{"VIT-LT20-RUR", "3", "FR789HJ", "D 118, km 4", 41, 0, "issued", spoken("standard amount", "tarif forfaitaire", "标准金额")},
	{"TEL-MAIN", "4", "GK234LM", "8 avenue de la Gare", 74, 0, "issued", spoken("overdue", "en retard", "已逾期")},
	{"CEINTURE", "4", "HN567PQ", "21 quai du Canal", 130, 20, "issued", spoken("increased, less 20 %", "majoré, moins 20 %", "加重减 20%")},
	{"STAT-TGEN", "4", "JR891ST", "1 cour de la Mairie", 210, 90, "issued", spoken("increased amount", "tarif majoré", "加重金额")},
	{"FEU-ROUGE", "4", "KT345VW", "Carrefour des Halles", 12, 0, "contested", nil},
	{"VIT-LT20-URB", "4", "LV678XY", "5 rue des Écoles", 18, 0, "contested", nil},
	{"PIETON", "1-pieton", "MX912ZA", "2 place du Marché", 10, 0, "issued", nil},
	{"STAT-GEN", "2", "NZ246BC", "7 rue du Four", 25, 0, "cancelled", nil},
	{"STAT-GEN", "2", "AB123CD", "14 rue du Four", 66, 0, "issued", nil},
	{"FEU-ROUGE", "4", "PB357DE", "Carrefour des Halles", 71, 0, "issued", nil},
	{"STOP", "4", "QD468FG", "12 rue du Pont", 80, 0, "issued", nil},
	{"STAT-GEN", "2", "RF579HJ", "3 place du Marché", 58, 0, "issued", nil},
	{"VIT-LT20-URB", "4", "SH681KL", "5 rue des Écoles", 33, 0, "issued", nil},
	{"STAT-GEN", "2", "TK792MN", "9 rue du Four", 3, 0, "issued", nil},
	{"TEL-MAIN", "4", "VM813PQ", "8 avenue de la Gare", 29, 0, "issued", nil},
	{"STAT-TGEN", "4", "WP924RS", "1 cour de la Mairie", 1, 0, "issued", nil},
}

// paidNotices follow the others: each was paid some days ago, while it was reduced.
const paidNotices = 24

func spoken(en, fr, zh string) map[string]string {
	return map[string]string{"en": en, "fr": fr, "zh": zh}
}

func noticeNumber(n int) string { return fmt.Sprintf("DEMO%04d", n+1) }
func noticeKey(n int) string    { return fmt.Sprintf("CLEF%04d", n+1) }

// city puts the programs of the house on the timeline, and then what people and the agency did with the town's.
func (s *story) city() {
	s.at(citySince*day, s.openCity)
	for i := range paidNotices {
		s.at(time.Duration(citySince-1)*day*time.Duration(paidNotices-i)/paidNotices+time.Duration(i%7)*time.Hour, func(now time.Time) error {
			return s.payNotice(i, now)
		})
	}
	s.at(time.Hour, s.fillCity)
}

// openCity publishes the programs of the house as every start of it does; the same bytes are not published again then.
func (s *story) openCity(now time.Time) error {
	if err := employ(s.app, s.orgs["plaza"], s.id(agent), "manager"); err != nil {
		return err
	}
	if err := programs.Seed(context.Background(), s.app, miniprograms.Files, s.orgs["plaza"], now); err != nil {
		return err
	}
	folders, err := fs.ReadDir(miniprograms.Files, ".")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		program, err := s.program(folder.Name())
		if err != nil {
			return err
		}
		if err := s.date(program, now); err != nil {
			return err
		}
	}
	return nil
}

// cityDay is a day of Paris, so many days before the demonstration's.
func (q *quarter) cityDay(ago int) string { return q.dayAt(ago, 12, 0).Format(time.DateOnly) }

// sealed keeps a key as the program's own functions do: as a digest, with a salt of its own.
func sealed(id, key string) map[string]any {
	salt := hex.EncodeToString([]byte(id))[:8]
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(id + ":" + key)) //nolint:errcheck // a hash takes everything
	return map[string]any{"salt": salt, "proof": hex.EncodeToString(mac.Sum(nil))}
}

// keep adds documents to a collection of the program.
func (q *quarter) keep(collection string, now time.Time, docs ...map[string]any) error {
	program, err := programs.Live(q.app, cityApp)
	if err != nil {
		return err
	}
	bundle, err := program.Open(q.app)
	if err != nil {
		return err
	}
	session := clouddb.Of(q.app).Session(cityApp, clouddb.Caller{Server: true, Schema: bundle.Database, Version: program.Number, Now: now})
	encoded, err := json.Marshal(docs)
	if err != nil {
		return err
	}
	var list []any
	if err := json.Unmarshal(encoded, &list); err != nil {
		return err
	}
	if _, err := session.Add(context.Background(), clouddb.Write{Collection: collection, Data: list}); err != nil {
		return fmt.Errorf("%s of the town: %w", collection, err)
	}
	return nil
}

func (q *quarter) notice(n int, f fined) map[string]any {
	id := noticeNumber(n)
	doc := sealed(id, noticeKey(n))
	date := q.cityDay(f.age)
	for key, value := range map[string]any{
		"_id": id, "plate": f.plate, "offence": f.offence, "class": f.class, "place": f.place, "notice_date": date, "clock_date": date,
		"at": q.cityDay(f.age+2) + " " + fmt.Sprintf("%02d:%02d", 8+n%11, n*7%60), "increased_date": nil, "handed": false, "state": f.state,
		"paid": nil, "contested": nil, "cancelled": nil, "attempts": 0, "imported": q.dayAt(f.age-f.age/10, 9, 0).UnixMilli(),
	} {
		doc[key] = value
	}
	if f.increased > 0 {
		doc["increased_date"] = q.cityDay(f.increased)
	}
	if f.state == "cancelled" {
		doc["cancelled"] = map[string]any{"at": q.dayAt(f.age-4, 10, 30).UnixMilli(), "reason": "The sign was hidden by a tree", "before": "issued"}
	}
	if f.state == "contested" {
		doc["contested"] = "demo-" + id
	}
	return doc
}

// payNotice is a notice of class 2 or 4 that somebody paid at that time, by a bill as the program makes it.
func (s *story) payNotice(i int, now time.Time) error {
	program, err := programs.Live(s.app, cityApp)
	if err != nil {
		return err
	}
	person := s.customers[1+i*7%(len(s.customers)-1)]
	openID, err := identity.OpenID(s.app, person.Id, cityApp)
	if err != nil {
		return err
	}
	ago := int(s.now.Sub(now) / day)
	f := notices[i%4]
	f.age, f.state, f.plate = ago+4+i%9, "paid", fmt.Sprintf("X%c%03dY%c", 'A'+i, 100+i*37, 'Z'-i)
	amount := map[string]ledger.Amount{"2": 22_00, "3": 45_00, "4": 90_00}[f.class]
	doc := s.notice(len(notices)+i, f)
	id := doc["_id"].(string)
	reference := "fine-" + id + "-1"
	title := map[string]string{"en": "Traffic notice (demo) ", "fr": "Avis de contravention (démo) "}[[]string{"fr", "en"}[i%2]] + id
	bill, err := bills.Make(s.app, program, person, bills.Draft{Amount: amount, Title: title, Reference: reference}, now)
	if err != nil {
		return err
	}
	if err := s.date(bill, now); err != nil {
		return err
	}
	method := payments.ByCard
	if bill, err = bills.Pay(s.app, person, bill.Id, method, now.Add(time.Minute)); err != nil {
		return err
	}
	paidAt := bill.GetString("paid_at")
	doc["paid"] = map[string]any{"reference": reference, "amount": amount, "tariff": "reduced", "at": paidAt}
	doc["attempts"] = 1
	if err := s.keep("notices", now, doc); err != nil {
		return err
	}
	return s.keep("attempts", now, map[string]any{
		"_id": reference, "kind": "fine", "subject": id, "service": "fines", "payer": openID, "amount": amount, "tariff": "reduced",
		"title": title, "language": []string{"fr", "en"}[i%2], "started": now.UnixMilli(), "expires": now.Add(15 * time.Minute).UnixMilli(),
		"state": "paid", "package": bills.PackagePrefix + bill.Id, "bill": bill.Id, "paid_at": paidAt, "method": method, "refunded": 0, "receipt": nil,
	})
}

// fillCity lays down what is open now: notices, contests, bills, appointments, and what the lookup pages propose.
func (s *story) fillCity(now time.Time) error {
	var issued, tries []map[string]any
	for n, f := range notices {
		issued = append(issued, s.notice(n, f))
		if f.hint != nil {
			tries = append(tries, map[string]any{"number": noticeNumber(n), "plate": f.plate, "key": noticeKey(n), "what": f.hint})
		}
	}
	contests, err := s.contests(now)
	if err != nil {
		return err
	}
	debts, debtTries := s.debts(now)
	bookings, err := s.bookings(now)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		collection string
		docs       []map[string]any
	}{
		{"notices", issued},
		{"contests", contests},
		{"services", townServices},
		{"debts", debts},
		{"bookings", bookings},
		{"hints", []map[string]any{{"_id": "demo", "tries": append(tries, debtTries...)}}},
	} {
		if err := s.keep(part.collection, now, part.docs...); err != nil {
			return err
		}
	}
	return nil
}

// contests are by people who say why; the agency has not looked at them yet.
func (s *story) contests(now time.Time) ([]map[string]any, error) {
	said := []struct{ reason, text string }{
		{"not_driver", "I lent the car to my sister that week and she says the light was still orange. Her address is with the town hall."},
		{"sold", "J’ai vendu ce véhicule le mois dernier, le certificat de cession est joint à mon courrier."},
	}
	var out []map[string]any
	for n, f := range notices {
		if f.state != "contested" {
			continue
		}
		openID, err := identity.OpenID(s.app, s.id(fmt.Sprintf("neighbour%d", n)), cityApp)
		if err != nil {
			return nil, err
		}
		words := said[len(out)%len(said)]
		out = append(out, map[string]any{
			"_id": "demo-" + noticeNumber(n), "notice": noticeNumber(n), "by": openID, "reason": words.reason, "text": words.text, "state": "open",
			"at": now.Add(-time.Duration(20+n*9) * time.Hour).UnixMilli(),
		})
	}
	return out, nil
}

// townServices are the services that the agency has set up beside the notices.
var townServices = []map[string]any{
	{
		"_id": "canteen", "kind": "bills", "position": 0, "on": true, "hours": nil, "names": spoken("School canteen", "Cantine scolaire", "学校食堂"),
		"about": spoken("The month's meals of your children", "Les repas du mois de vos enfants", "孩子当月的餐费"),
	},
	{
		"_id": "water", "kind": "bills", "position": 1, "on": true, "hours": nil, "names": spoken("Water", "Eau", "水费"),
		"about": spoken("Your meter, every quarter", "Votre compteur, chaque trimestre", "每季度水表账单"),
	},
	{
		"_id": "counter", "kind": "appointments", "position": 2, "on": true, "names": spoken("Town hall counter", "Guichet de la mairie", "市政窗口"),
		"about": spoken("Papers, registers, questions", "Papiers, registres, questions", "证件、登记、咨询"),
		"hours": map[string]any{"weekdays": []int{1, 2, 3, 4, 5}, "from": "09:00", "until": "12:00", "minutes": 20, "capacity": 2, "ahead": 21, "closed": []string{}},
	},
	{
		"_id": "bikes", "kind": "appointments", "position": 3, "on": true, "names": spoken("Bicycle workshop", "Atelier vélo", "自行车工坊"),
		"about": spoken("Repair yours with help, Saturdays", "Réparez le vôtre avec de l’aide, le samedi", "周六，在帮助下自己修车"),
		"hours": map[string]any{"weekdays": []int{6}, "from": "10:00", "until": "16:00", "minutes": 60, "capacity": 3, "ahead": 28, "closed": []string{}},
	},
}

// debts are the bills of the canteen and of the water, some of them late.
func (s *story) debts(now time.Time) (docs, tries []map[string]any) {
	kinds := []struct{ service, letter, label string }{
		{"canteen", "CANT", "Cantine, mois en cours"},
		{"water", "EAU", "Eau, 3e trimestre"},
	}
	for k, kind := range kinds {
		for n := range 14 {
			reference := fmt.Sprintf("%s%03d", kind.letter, n+1)
			id := kind.service + ":" + reference
			doc := sealed(id, noticeKey(n))
			for key, value := range map[string]any{
				"_id": id, "service": kind.service, "reference": reference, "label": kind.label, "amount": 28_00 + k*17_50 + n*3_45,
				"due_date": s.cityDay(8 - n*3), "state": "open", "paid": nil, "attempts": 0, "imported": now.Add(-time.Duration(n) * time.Minute).UnixMilli(),
			} {
				doc[key] = value
			}
			docs = append(docs, doc)
		}
		reference := kind.letter + "004"
		tries = append(tries, map[string]any{"service": kind.service, "number": reference, "key": noticeKey(3), "what": spoken(
			strings.ToUpper(kind.service[:1])+kind.service[1:], townServices[k]["names"].(map[string]string)["fr"], townServices[k]["names"].(map[string]string)["zh"])})
	}
	return docs, tries
}

// bookings are the neighbours' of the next days, so that some times have less room.
func (s *story) bookings(now time.Time) ([]map[string]any, error) {
	var out []map[string]any
	for n := range 18 {
		date := s.now.In(s.dayAt(0, 12, 0).Location()).AddDate(0, 0, n%6)
		if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
			continue
		}
		openID, err := identity.OpenID(s.app, s.id(fmt.Sprintf("neighbour%d", 1+n)), cityApp)
		if err != nil {
			return nil, err
		}
		minute := 9*60 + 20*(n*5%9)
		out = append(out, map[string]any{
			"_openid": openID, "service": "counter", "date": date.Format(time.DateOnly), "time": fmt.Sprintf("%02d:%02d", minute/60, minute%60),
			"state": "booked", "code": fmt.Sprintf("DM%04d", 2000+n*31), "at": now.Add(-time.Duration(n) * time.Hour).UnixMilli(),
		})
	}
	return out, nil
}
