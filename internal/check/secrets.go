package check

import (
	"bytes"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// A secret has a shape that nothing else has. hint is a part that every text with it holds, so that most files
// are left after one quick search.
type secretShape struct {
	hint, what string
	pattern    *regexp.Regexp
	sure       bool // nothing else looks like it, so that a library's is one as well
}

var secretShapes = []secretShape{
	{"PRIVATE KEY-----", "a private key", regexp.MustCompile(`-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----\s*\\?n?[A-Za-z0-9+/=]{16}`), true},
	{"AKIA", "an AWS access key", regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`), true},
	{"ASIA", "an AWS access key", regexp.MustCompile(`\bASIA[0-9A-Z]{16}\b`), true},
	{"ghp_", "a GitHub token", regexp.MustCompile(`\bghp_[A-Za-z0-9]{36}\b`), true},
	{"gho_", "a GitHub token", regexp.MustCompile(`\bgho_[A-Za-z0-9]{36}\b`), true},
	{"ghs_", "a GitHub token", regexp.MustCompile(`\bghs_[A-Za-z0-9]{36}\b`), true},
	{"github_pat_", "a GitHub token", regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{60,}\b`), true},
	{"sk_", "a server key of Plaza's", regexp.MustCompile(`\bsk_[a-z2-7]{52}\b`), true},
	{"pk_", "an upload key of Plaza's", regexp.MustCompile(`\bpk_[a-z2-7]{52}\b`), true},
	{"sk_live_", "a Stripe key", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{20,}\b`), true},
	{"rk_live_", "a Stripe key", regexp.MustCompile(`\brk_live_[A-Za-z0-9]{20,}\b`), true},
	{"xox", "a Slack token", regexp.MustCompile(`\bxox[abposr]-[A-Za-z0-9-]{20,}`), true},
	{"AIza", "a Google API key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}\b`), false},
	{"LTAI", "an Alibaba access key", regexp.MustCompile(`\bLTAI[A-Za-z0-9]{16,24}\b`), false},
	{"AKID", "a Tencent Cloud key", regexp.MustCompile(`\bAKID[A-Za-z0-9]{32}\b`), false},
	{"npm_", "an npm token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`), true},
}

// named finds values that are given to something called a secret. WeChat's AppSecret is 32 hexadecimal signs.
var named = regexp.MustCompile(`(?i)["'` + "`" + `]?\b([\w$-]*(?:secret|passw(?:or)?d|api_?key|access_?key|private_?key|auth_?token|access_?token|secret_?token)[\w$-]*)["'` + "`" + `]?\s*[:=]\s*["'` + "`" + `]([A-Za-z0-9+/=_\-.]{16,200})["'` + "`" + `]`)

// names are what every text that named finds holds one of, in small letters.
var names = [][]byte{[]byte("secret"), []byte("passw"), []byte("key"), []byte("token")}

// maxSecrets is how many secrets of one file are told.
const maxSecrets = 5

// secretFiles are files that text is looked for in.
var secretFiles = []string{".js", ".ts", ".mjs", ".cjs", ".json", ".wxs", ".wxml", ".html", ".htm", ".txt", ".md", ".env", ".yml", ".yaml", ".pem", ".key", ".toml", ".ini", ".conf", ".cfg", ".xml", ".csv", ""}

// secrets looks for keys and passwords in the files of the package.
func (i *inspector) secrets() {
	for _, file := range i.names {
		content := i.files[file]
		if !slices.Contains(secretFiles, strings.ToLower(path.Ext(file))) || len(content) > weapp.MaxScriptBytes {
			continue
		}
		i.secretsOf(file, content)
	}
}

func (i *inspector) secretsOf(file string, content []byte) {
	library, found := isLibrary(file), 0
	var where *lines
	tell := func(offset int, format string, args ...any) {
		if found++; found > maxSecrets {
			return
		}
		if where == nil {
			where = newLines(string(content))
		}
		if library {
			i.warn("secret", file, where.at(offset), format, args...)
		} else {
			i.fail("secret", file, where.at(offset), format, args...)
		}
	}
	for _, shape := range secretShapes {
		if library && !shape.sure || !bytes.Contains(content, []byte(shape.hint)) {
			continue
		}
		for _, at := range shape.pattern.FindAllIndex(content, maxSecrets) {
			tell(at[0], "This looks like %s: everybody can read a package.", shape.what)
		}
	}
	if library || !hasName(content) {
		return
	}
	for _, at := range named.FindAllSubmatchIndex(content, 4*maxSecrets) {
		name, value := string(content[at[2]:at[3]]), string(content[at[4]:at[5]])
		if isSecretValue(value) {
			tell(at[2], "%s has a value that looks like a secret: everybody can read a package.", short(name, 60))
		}
	}
}

func hasName(content []byte) bool {
	lower := bytes.ToLower(content)
	return slices.ContainsFunc(names, func(name []byte) bool { return bytes.Contains(lower, name) })
}

// isSecretValue tells random signs from words, addresses of the program's own, and examples.
func isSecretValue(value string) bool {
	lower := strings.ToLower(value)
	for _, example := range []string{"example", "your", "xxxx", "placeholder", "changeme", "123456", "test", "demo", "dummy", "abcdef"} {
		if strings.Contains(lower, example) {
			return false
		}
	}
	digits := strings.ContainsAny(value, "0123456789")
	return digits && entropy(value) >= 3.0 && !strings.Contains(value, "/pages/")
}

// entropy is how many bits a sign of the text carries.
func entropy(text string) float64 {
	var counts [256]int
	for n := range len(text) {
		counts[text[n]]++
	}
	bits := 0.0
	for _, count := range counts {
		if count > 0 {
			share := float64(count) / float64(len(text))
			bits -= share * math.Log2(share)
		}
	}
	return bits
}
