package backend

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WeChat's signature is a SHA-1, and back ends verify that
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

// UserInfo is what a program may see of a person who allows it, with WeChat's members: those that Plaza does not ask
// people for are empty.
type UserInfo struct {
	NickName  string `json:"nickName"`
	Gender    int    `json:"gender"`
	Language  string `json:"language"`
	City      string `json:"city"`
	Province  string `json:"province"`
	Country   string `json:"country"`
	AvatarURL string `json:"avatarUrl"`
}

// watermark says for which program, and when, the data were sealed.
type watermark struct {
	Timestamp int64  `json:"timestamp"`
	AppID     string `json:"appid"`
}

// sealedInfo is what the program's server finds behind encryptedData.
type sealedInfo struct {
	OpenID string `json:"openId"`
	UserInfo
	UnionID   string    `json:"unionId,omitempty"`
	Watermark watermark `json:"watermark"`
}

// Profile is a person's UserInfo as a page gets it, with what its server needs to believe the page.
type Profile struct {
	UserInfo      UserInfo `json:"userInfo"`
	RawData       string   `json:"rawData"`       // the bytes that are signed
	Signature     string   `json:"signature"`     // sha1(rawData + session_key)
	EncryptedData string   `json:"encryptedData"` // the same and the ids, AES-128-CBC with the session key
	IV            string   `json:"iv"`
}

// languages are WeChat's names of those that people choose here.
var languages = map[string]string{"zh": "zh_CN"}

// ProfileOf is the person's profile for the program, sealed with their session key. Whether the person allows it is the
// caller's to know. A person who has not logged in gets a session key now: the program's server hears it at the next login.
func ProfileOf(app core.App, user *core.Record, program programs.Program, now time.Time) (Profile, error) {
	var key string
	err := ledger.Write(app, func(tx core.App) (err error) {
		key, err = sessionKey(tx, user.Id, program.AppID, now)
		return err
	})
	if err != nil {
		return Profile{}, err
	}
	openID, err := identity.OpenID(app, user.Id, program.AppID)
	if err != nil {
		return Profile{}, err
	}
	unionID, err := identity.UnionID(app, user.Id, programs.Makers(program.Org, program.Owner))
	if err != nil {
		return Profile{}, err
	}
	info := UserInfo{NickName: user.GetString("name"), Language: user.GetString("language")}
	if named, ok := languages[info.Language]; ok {
		info.Language = named
	}
	raw, err := json.Marshal(info)
	if err != nil {
		return Profile{}, err
	}
	whole, err := json.Marshal(sealedInfo{OpenID: openID, UserInfo: info, UnionID: unionID, Watermark: watermark{Timestamp: now.Unix(), AppID: program.AppID}})
	if err != nil {
		return Profile{}, err
	}
	sealed, iv, err := seal(key, whole)
	return Profile{UserInfo: info, RawData: string(raw), Signature: signature(string(raw), key), EncryptedData: sealed, IV: iv}, err
}

// signature is WeChat's of raw data: the key is its text.
func signature(raw, key string) string {
	sum := sha1.Sum([]byte(raw + key)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// seal encrypts as WeChat does: AES-128 in CBC mode with PKCS #7 padding, the key and the fresh vector in Base64.
func seal(key string, plain []byte) (sealed, iv string, err error) {
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return "", "", err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return "", "", err
	}
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(padding)}, padding)...)
	vector := make([]byte, aes.BlockSize)
	_, _ = rand.Read(vector)
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), base64.StdEncoding.EncodeToString(vector), nil
}
