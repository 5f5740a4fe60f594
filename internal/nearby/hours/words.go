package hours

import "strings"

// word is what a word means.
type word struct {
	kind  kind
	text  string
	value int
}

// words are the words that a value may use: OpenStreetMap's own, and those of other languages that can mean one
// thing only. Short forms such as "Lu" or "Mar" of French are not among them: they are other days in other languages.
var words = dictionary()

func dictionary() map[string]word {
	out := map[string]word{}
	several := func(k kind, first int, lists ...string) {
		for _, list := range lists {
			for i, spelling := range strings.Fields(list) {
				out[spelling] = word{kind: k, value: first + i}
			}
		}
	}
	several(weekday, 0,
		"su mo tu we th fr sa", "sun mon tue wed thu fri sat", "sunday monday tuesday wednesday thursday friday saturday",
		"sundays mondays tuesdays wednesdays thursdays fridays saturdays",
		"dimanche lundi mardi mercredi jeudi vendredi samedi", "dimanches lundis mardis mercredis jeudis vendredis samedis",
		"周日 周一 周二 周三 周四 周五 周六", "星期日 星期一 星期二 星期三 星期四 星期五 星期六")
	out["tues"], out["thur"], out["thurs"], out["周天"], out["星期天"] = out["tu"], out["th"], out["th"], out["su"], out["su"]
	several(month, 1,
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"january february march april may june july august september october november december",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre") //nolint:misspell // French without accents
	out["sept"] = out["sep"]
	states := func(s State, list string) {
		for _, spelling := range strings.Fields(list) {
			out[spelling] = word{kind: state, value: int(s)}
		}
	}
	states(Open, "open opened ouvert 营业")
	states(Closed, "off closed fermé fermée ferme geschlossen 休息 关闭")
	states(Unknown, "unknown inconnu 未知")
	for spelling, minute := range map[string]int{"dawn": 5*60 + 30, "sunrise": 6 * 60, "sunset": 18 * 60, "dusk": 18*60 + 30} {
		out[spelling] = word{kind: event, value: minute, text: spelling}
	}
	for spelling, meaning := range map[string]string{
		"ph": "ph", "holiday": "ph", "holidays": "ph", "fériés": "ph", "feries": "ph", "sh": "sh",
		"easter": "easter", "week": "week", "weeks": "week", "day": "day", "days": "day",
		"am": "am", "pm": "pm", "h": "h", "uhr": "o'clock", "hour": "hours", "hours": "hours", "midnight": "midnight", "minuit": "midnight",
		"noon": "noon", "midi": "noon", "daily": "daily", "everyday": "daily", "每天": "daily", "每日": "daily",
		"weekdays": "weekdays", "weekday": "weekdays", "weekend": "weekend", "weekends": "weekend",
	} {
		out[spelling] = word{kind: name, text: meaning}
	}
	for _, spelling := range []string{"to", "till", "until", "through", "bis", "à"} {
		out[spelling] = word{kind: sign, text: "-"}
	}
	for _, spelling := range []string{"and", "et", "und", "和"} {
		out[spelling] = word{kind: sign, text: ","}
	}
	return out
}
