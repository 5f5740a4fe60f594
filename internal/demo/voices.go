package demo

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/store"
)

// opinion is what somebody said of a program, and what its makers answered.
type opinion struct {
	appid, account string
	stars          int
	text, language string
	ago            time.Duration
	reply, by      string
}

var opinions = []opinion{
	{"skies", "neighbour1", 5, "Je l’ouvre tous les matins avant le café.", "fr", 20 * day, "", ""},
	{"skies", "neighbour2", 5, "颜色真美，像在窗边看天。", "zh", 15 * day, "谢谢！极光是我最喜欢的一种。", "creator"},
	{"skies", "neighbour7", 3, "Pretty, but 1.2.0 stayed blank on my old phone.", "en", 5*day + time.Hour, "Sorry! 1.1.0 is back until the moon behaves.", "creator"},
	{"skies", "neighbour9", 4, "", "", 3 * day, "", ""},
	{"bins", "neighbour3", 5, "Enfin une réponse pour les cartons à pizza.", "fr", 18 * day, "", ""},
	{"bins", "neighbour5", 5, "电池该还给商店，我以前不知道。", "zh", 12 * day, "", ""},
	{"bins", "neighbour6", 4, "Useful. Could it remind me on collection day?", "en", 7 * day, "A good idea, we are looking into it. Your town hall", "neighbour15"},
	{"bins", "neighbour11", 5, "", "", 2 * day, "", ""},
	{"lanterns", "neighbour10", 5, "My children and I take turns. 61 so far!", "en", 16 * day, "", ""},
	{"lanterns", "neighbour12", 4, "Très joli, un peu rapide pour moi.", "fr", 9 * day, "La prochaine version commence plus doucement.", "creator"},
	{"lanterns", "neighbour14", 5, "通勤的时候玩，停不下来。", "zh", 4 * day, "", ""},
	{"phrases", "neighbour4", 5, "My parents from Ohio got around for a week with this.", "en", 13 * day, "", ""},
	{"phrases", "neighbour5", 4, "希望有发音。", "zh", 8 * day, "录音在准备中。", "neighbour17"},
	{"split", "neighbour19", 5, "Plus de disputes à la fin du repas.", "fr", 10 * day, "", ""},
	{"split", "neighbour20", 4, "Rounding to 50 cents is genius.", "en", 6 * day, "", ""},
	{"breathe", "neighbour21", 5, "Three minutes in the metro and I am another person.", "en", 5 * day, "", ""},
	{"breathe", "neighbour22", 5, "睡前用“助眠”，很有效。", "zh", 3 * day, "", ""},
	{"swim", "neighbour12", 5, "Plus de queue à la caisse. Et rendre un billet, ça marche.", "fr", 9 * day, "", ""},
	{"swim", "neighbour2", 4, "很方便，要是能看到人多不多就好了。", "zh", 4 * day, "好主意，我们看看。", "neighbour15"},
	{"menu", "neighbour23", 5, "Je regarde le plat avant de descendre, et je réserve.", "fr", 6 * day, "À demain, alors !", "neighbour8"},
	{"menu", "neighbour1", 4, "Le gâteau du mardi !", "fr", 2 * day, "", ""},
	{"todo", "neighbour7", 5, "My flatmates cannot say that they did not know any more.", "en", 7 * day, "", ""},
	{"todo", "neighbour14", 5, "买菜的时候他在家加，我这边马上看到。", "zh", 3 * day, "", ""},
	{"wheel", "neighbour6", 2, "Says “Cook at home” far too often.", "en", 4 * day, "", ""},
}

// speak is what people say of the programs: in ratings, and to the operator.
func (s *story) speak() {
	for _, o := range opinions {
		s.at(o.ago, func(now time.Time) error { return s.rate(o, now) })
	}
	s.report("coupons", "neighbour8", store.Complaint{Kind: "rights", Text: "This is our name and our logo, and we give no free coffee."}, 4*day)
	s.report("lanterns", "neighbour13", store.Complaint{Kind: "broken", Text: "On my tablet the screen stays black after I turn it."}, 9*time.Hour)
	s.report("wheel", "neighbour20", store.Complaint{Kind: "misleading", Text: "I thought I could win something."}, 30*time.Hour)
}

func (s *story) rate(o opinion, now time.Time) error {
	user := s.people[o.account]
	program, err := s.program(o.appid)
	if err != nil {
		return err
	}
	if err := s.used(user, program, now); err != nil {
		return err
	}
	rating, err := store.Rate(s.app, user, o.appid, store.Rating{Stars: o.stars, Text: o.text, Language: o.language}, now)
	if err != nil {
		return err
	}
	if err := s.date(rating, now); err != nil || o.reply == "" {
		return err
	}
	_, err = store.Reply(s.app, rating.Id, o.reply, s.id(o.by), now.Add(7*time.Hour))
	return err
}

// used makes sure that the person knows what they speak of.
func (s *story) used(user, program *core.Record, now time.Time) error {
	use, err := programs.Used(s.app, user.Id, program.Id)
	if err != nil || use != nil {
		return err
	}
	_, err = programs.Launch(s.app, user, program.GetString("appid"), programs.Opening{Scene: 1001}, now.Add(-2*day))
	return err
}

func (s *story) report(appid, account string, complaint store.Complaint, ago time.Duration) {
	s.at(ago, func(now time.Time) error {
		user := s.people[account]
		program, err := s.program(appid)
		if err != nil {
			return err
		}
		if err := s.used(user, program, now); err != nil {
			return err
		}
		report, err := store.Report(s.app, user, appid, complaint, now)
		if err != nil {
			return err
		}
		return s.date(report, now)
	})
}
