package programs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// ErrPassInvalid refuses a pass that is not of this version, or whose day is over.
var ErrPassInvalid = refusal.New(http.StatusForbidden, "pass_invalid", "This address is of a mini program that was opened before; open it again.")

const (
	// passDays is how many days a pass is good, the day it is made on included: a program that is open at midnight
	// goes on.
	passDays  = 2
	passHead  = 8 // who, and which day
	passBytes = passHead + 16
	day       = 24 * time.Hour
)

// remotePath is where elements of a frame, which send no header, find what is elsewhere; a pass follows.
const remotePath = ".remote/"

// Remote is the address below which this person's frame finds pictures of other hosts. It holds a pass: it shows
// that somebody has opened this version lately, and tells two people apart without saying who they are. Within a
// day it is the same, so that browsers keep what they have found below it.
func Remote(app core.App, claims Claims, now time.Time) (string, error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return "", err
	}
	pass := make([]byte, passHead, passBytes)
	copy(pass, signer.mark("pass/who/" + claims.AppID + "/" + claims.OpenID)[:6])
	binary.BigEndian.PutUint16(pass[6:], dayOf(now))
	pass = append(pass, signer.sealPass(claims.AppID, claims.Package, pass)...)
	return Address(claims.AppID, claims.Package) + remotePath + base64.RawURLEncoding.EncodeToString(pass), nil
}

// CheckPass is a name for the person with the pass, if it is one of this version.
func CheckPass(app core.App, appid, pkg, text string, now time.Time) (who string, err error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return "", err
	}
	pass, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(pass) != passBytes || !hmac.Equal(pass[passHead:], signer.sealPass(appid, pkg, pass[:passHead])) {
		return "", ErrPassInvalid
	}
	if age := dayOf(now) - binary.BigEndian.Uint16(pass[6:]); age >= passDays {
		return "", ErrPassInvalid
	}
	return string(pass[:6]), nil
}

func dayOf(now time.Time) uint16 {
	return uint16(now.UTC().Unix() / int64(day/time.Second)) //nolint:gosec // it wraps in the year 2149, and passes last two days
}

func (s *signer) sealPass(appid, pkg string, head []byte) []byte {
	return s.mark("pass/" + appid + "/" + pkg + "/" + string(head))[:passBytes-passHead]
}

// passPurpose keeps what marks a pass apart from whatever else is made of the launch key.
const passPurpose = "plaza frame pass"

// mark is what only this installation can make of the text.
func (s *signer) mark(text string) []byte {
	derived := hmac.New(sha256.New, s.private.Seed())
	derived.Write([]byte(passPurpose)) // a hash never fails to write
	sum := hmac.New(sha256.New, derived.Sum(nil))
	sum.Write([]byte(text))
	return sum.Sum(nil)
}
