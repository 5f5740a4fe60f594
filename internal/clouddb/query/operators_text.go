package query

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// maxConcat keeps a pipeline from making texts that no document could hold.
const maxConcat = 256 << 10

// plainText is what a stored text says; what is none says nothing.
func plainText(value any) string {
	stored, ok := value.(string)
	if !ok || isDate(stored) {
		return ""
	}
	return text(stored)
}

func isText(value any) bool { return kindOf(value) == kindString }

// stored is a text as it is kept.
func storedText(said string) any {
	if len(said) > maxConcat {
		return nil
	}
	if strings.HasPrefix(said, escape) {
		return escape + said
	}
	return said
}

func concat(args []any) any {
	var out strings.Builder
	for _, arg := range args {
		if !isText(arg) || out.Len() > maxConcat {
			return nil
		}
		out.WriteString(plainText(arg))
	}
	return storedText(out.String())
}

func spelled(change func(string) string) func(args []any) any {
	return func(args []any) any { return storedText(change(plainText(args[0]))) }
}

func measured(length func(string) int) func(args []any) any {
	return func(args []any) any {
		if !isText(args[0]) {
			return nil
		}
		return float64(length(plainText(args[0])))
	}
}

// span reads a start and a length.
func span(args []any) (start, length int, ok bool) {
	from, ok1 := args[1].(float64)
	count, ok2 := args[2].(float64)
	return int(max(min(from, maxConcat), -1)), int(max(min(count, maxConcat), -1)), ok1 && ok2
}

func substrBytes(args []any) any {
	said := plainText(args[0])
	start, length, ok := span(args)
	if !ok {
		return nil
	}
	if start < 0 || start > len(said) {
		return ""
	}
	end := len(said)
	if length >= 0 {
		end = min(start+length, end)
	}
	if part := said[start:end]; utf8.ValidString(part) {
		return storedText(part)
	}
	return nil // half of a character
}

func substrCP(args []any) any {
	runes := []rune(plainText(args[0]))
	start, length, ok := span(args)
	if !ok || start < 0 || length < 0 {
		return nil
	}
	start = min(start, len(runes))
	return storedText(string(runes[start:min(start+length, len(runes))]))
}

func split(args []any) any {
	if !isText(args[0]) || plainText(args[1]) == "" {
		return nil
	}
	out := []any{}
	for part := range strings.SplitSeq(plainText(args[0]), plainText(args[1])) {
		out = append(out, storedText(part))
	}
	return out
}

// bounded reads the optional bounds of a search.
func bounded(args []any, length int) (from, to int, ok bool) {
	to = length
	if len(args) > 2 {
		start, isNumber := args[2].(float64)
		if !isNumber || start < 0 {
			return 0, 0, false
		}
		from = int(min(start, float64(length)))
	}
	if len(args) > 3 {
		end, isNumber := args[3].(float64)
		if !isNumber || end < 0 {
			return 0, 0, false
		}
		to = int(min(end, float64(length)))
	}
	return from, to, true
}

func indexOfBytes(args []any) any {
	said := plainText(args[0])
	from, to, ok := bounded(args, len(said))
	if !isText(args[0]) || !isText(args[1]) || !ok {
		return nil
	}
	if from > to {
		return -1.0
	}
	if at := strings.Index(said[from:to], plainText(args[1])); at >= 0 {
		return float64(from + at)
	}
	return -1.0
}

func indexOfCP(args []any) any {
	runes := []rune(plainText(args[0]))
	from, to, ok := bounded(args, len(runes))
	if !isText(args[0]) || !isText(args[1]) || !ok {
		return nil
	}
	if from > to {
		return -1.0
	}
	inside := string(runes[from:to])
	if at := strings.Index(inside, plainText(args[1])); at >= 0 {
		return float64(from + utf8.RuneCountInString(inside[:at]))
	}
	return -1.0
}

// trimmed cuts the characters, or white space, off by each of the ways.
func trimmed(ways ...func(text, cut string) string) func(args map[string]any) any {
	return func(args map[string]any) any {
		if !isText(args["input"]) {
			return nil
		}
		said, cut := plainText(args["input"]), " \t\r\n\v\f\u00a0\u2003\x00"
		if isText(args["chars"]) {
			cut = plainText(args["chars"])
		}
		for _, way := range ways {
			said = way(said, cut)
		}
		return storedText(said)
	}
}

// zoned is an instant where it is asked for: a name of the IANA or an offset such as +08:00; UTC if nothing is said.
func zoned(date, zone any) (time.Time, bool) {
	stored, ok := date.(string)
	if !ok || !isDate(stored) {
		return time.Time{}, false
	}
	location, ok := zoneOf(zone)
	if !ok {
		return time.Time{}, false
	}
	return time.UnixMilli(millisOf(stored)).In(location), true
}

func zoneOf(zone any) (*time.Location, bool) {
	if kindOf(zone) <= kindNull {
		return time.UTC, true
	}
	name := plainText(zone)
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, false
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if at, err := time.Parse(layout, name); err == nil {
			_, offset := at.Zone()
			return time.FixedZone("", offset), true
		}
	}
	location, err := time.LoadLocation(name)
	return location, err == nil
}

// partOf is a part of a date: $year of a date, or of {date, timezone}.
func partOf(part func(time.Time) int) function {
	return function{1, 1, func(args []any) any {
		date, zone := args[0], any(missing{})
		if object, ok := args[0].(map[string]any); ok {
			date, zone = object["date"], orNull(object["timezone"])
		}
		at, ok := zoned(date, zone)
		if !ok {
			return nil
		}
		return float64(part(at))
	}}
}

// weekOfYear counts from Sunday; the days before the first one are week 0.
func weekOfYear(t time.Time) int { return (t.YearDay() + 6 - int(t.Weekday())) / 7 }

// dateParts are the marks of a format with what they stand for.
var dateParts = map[byte]func(t time.Time) string{
	'Y': func(t time.Time) string { return t.Format("2006") }, 'm': func(t time.Time) string { return t.Format("01") },
	'd': func(t time.Time) string { return t.Format("02") }, 'H': func(t time.Time) string { return t.Format("15") },
	'M': func(t time.Time) string { return t.Format("04") }, 'S': func(t time.Time) string { return t.Format("05") },
	'L': func(t time.Time) string { return fmt.Sprintf("%03d", t.Nanosecond()/1e6) },
	'j': func(t time.Time) string { return fmt.Sprintf("%03d", t.YearDay()) },
	'w': func(t time.Time) string { return fmt.Sprint(int(t.Weekday()) + 1) },
	'u': func(t time.Time) string { return fmt.Sprint((int(t.Weekday())+6)%7 + 1) },
	'U': func(t time.Time) string { return fmt.Sprintf("%02d", weekOfYear(t)) },
	'V': func(t time.Time) string { _, week := t.ISOWeek(); return fmt.Sprintf("%02d", week) },
	'G': func(t time.Time) string { year, _ := t.ISOWeek(); return fmt.Sprintf("%04d", year) },
	'z': func(t time.Time) string { return t.Format("-0700") },
	'Z': func(t time.Time) string { _, offset := t.Zone(); return fmt.Sprintf("%+04d", offset/60) },
	'%': func(time.Time) string { return "%" },
}

func dateToString(args map[string]any) any {
	if kindOf(args["date"]) <= kindNull {
		return orNull(args["onNull"])
	}
	at, ok := zoned(args["date"], args["timezone"])
	if !ok {
		return nil
	}
	format := "%Y-%m-%dT%H:%M:%S.%LZ"
	if isText(args["format"]) {
		format = plainText(args["format"])
	}
	var out strings.Builder
	for i := 0; i < len(format) && out.Len() <= maxConcat; i++ {
		if format[i] != '%' {
			out.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) || dateParts[format[i]] == nil {
			return nil
		}
		out.WriteString(dateParts[format[i]](at))
	}
	return storedText(out.String())
}

// layouts are the marks of a format as Go writes them.
var layouts = strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%S", "05", "%L", "000", "%z", "-0700", "%%", "%")

func dateFromString(args map[string]any) any {
	if kindOf(args["dateString"]) <= kindNull {
		return orNull(args["onNull"])
	}
	zone, ok := zoneOf(args["timezone"])
	if !ok {
		return nil
	}
	tried := []string{time.RFC3339Nano, "2006-01-02T15:04:05.999", "2006-01-02 15:04:05.999", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02"}
	if isText(args["format"]) {
		tried = []string{layouts.Replace(plainText(args["format"]))}
	}
	for _, layout := range tried {
		if at, err := time.ParseInLocation(layout, plainText(args["dateString"]), zone); err == nil {
			return dateOf(float64(at.UnixMilli()))
		}
	}
	return orNull(args["onError"])
}

func dateToParts(args map[string]any) any {
	at, ok := zoned(args["date"], args["timezone"])
	if !ok {
		return nil
	}
	out := map[string]any{
		"hour": float64(at.Hour()), "minute": float64(at.Minute()), "second": float64(at.Second()), "millisecond": float64(at.Nanosecond() / 1e6),
	}
	if truthy(args["iso8601"]) {
		year, week := at.ISOWeek()
		out["isoWeekYear"], out["isoWeek"], out["isoDayOfWeek"] = float64(year), float64(week), float64((int(at.Weekday())+6)%7+1)
		return out
	}
	out["year"], out["month"], out["day"] = float64(at.Year()), float64(at.Month()), float64(at.Day())
	return out
}

func dateFromParts(args map[string]any) any {
	zone, ok := zoneOf(args["timezone"])
	if !ok {
		return nil
	}
	whole := func(name string, otherwise int) int {
		switch value := args[name].(type) {
		case float64:
			if value >= -1e6 && value <= 1e6 {
				return int(value)
			}
			ok = false
		case missing:
			return otherwise
		default:
			ok = false
		}
		return otherwise
	}
	hour, minute, second, milli := whole("hour", 0), whole("minute", 0), whole("second", 0), whole("millisecond", 0)
	year, month, day := whole("year", 1970), whole("month", 1), whole("day", 1)
	if kindOf(args["isoWeekYear"]) != kindMissing {
		// The fourth of January is always in the first week.
		first := time.Date(whole("isoWeekYear", 1970), 1, 4, 0, 0, 0, 0, zone)
		monday := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
		at := monday.AddDate(0, 0, 7*(whole("isoWeek", 1)-1)+whole("isoDayOfWeek", 1)-1)
		year, month, day = at.Year(), int(at.Month()), at.Day()
	}
	if !ok {
		return nil
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	return dateOf(float64(at.UnixMilli() + int64(milli)))
}
