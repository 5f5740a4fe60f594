package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"math/big"
	"slices"

	"github.com/dop251/goja"
)

// maxRandom is how many random bytes one call gives.
const maxRandom = 1 << 20

// cryptoNatives is what sdk/crypto.js stands on. MD5 and SHA-1 are there because others' interfaces ask for them.
func (r *run) cryptoNatives() *goja.Object {
	natives := r.vm.NewObject()
	for name, native := range map[string]func(goja.FunctionCall) goja.Value{
		"hash": r.newHash, "cipher": r.newCipher, "random": r.random, "randomInt": r.randomInt, "uuid": r.uuid, "equal": r.equal,
		"ciphers": func(goja.FunctionCall) goja.Value { return r.vm.ToValue(ciphers) },
	} {
		_ = natives.Set(name, native) // a new object takes every property
	}
	return natives
}

func (r *run) arrayBuffer(data []byte) goja.Value { return r.vm.ToValue(r.vm.NewArrayBuffer(data)) }

func hashOf(name string) func() hash.Hash {
	switch name {
	case "md5":
		return md5.New
	case "sha1", "rsa-sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256", "rsa-sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

func (r *run) newHash(call goja.FunctionCall) goja.Value {
	make := hashOf(call.Argument(0).String())
	if make == nil {
		panic(r.failure("Digest method not supported"))
	}
	sum := make()
	if key := call.Argument(1); !goja.IsUndefined(key) {
		sum = hmac.New(make, slices.Clone(r.bytes(key)))
	}
	object := r.vm.NewObject()
	_ = object.Set("update", func(call goja.FunctionCall) goja.Value { // new objects take every property
		sum.Write(r.bytes(call.Argument(0)))
		return goja.Undefined()
	})
	_ = object.Set("digest", func(goja.FunctionCall) goja.Value { return r.arrayBuffer(sum.Sum(nil)) })
	return object
}

func (r *run) random(call goja.FunctionCall) goja.Value {
	size := call.Argument(0).ToInteger()
	if size < 0 || size > maxRandom {
		panic(r.rangeError("the size is out of range"))
	}
	out := make([]byte, size)
	_, _ = rand.Read(out) // never fails: crypto/rand ends the process instead
	return r.arrayBuffer(out)
}

func (r *run) randomInt(call goja.FunctionCall) goja.Value {
	low, high := call.Argument(0).ToInteger(), call.Argument(1).ToInteger()
	const widest = 1 << 48
	if high <= low || low < -widest || high > widest {
		panic(r.rangeError("the range is empty or too wide"))
	}
	n, err := rand.Int(rand.Reader, big.NewInt(high-low))
	if err != nil {
		panic(r.failure(err.Error()))
	}
	return r.vm.ToValue(low + n.Int64())
}

func (r *run) uuid(goja.FunctionCall) goja.Value {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.EncodeToString(id[:])
	return r.vm.ToValue(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}

func (r *run) equal(call goja.FunctionCall) goja.Value {
	return r.vm.ToValue(subtle.ConstantTimeCompare(r.bytes(call.Argument(0)), r.bytes(call.Argument(1))) == 1)
}

func (r *run) rangeError(message string) goja.Value {
	made, err := r.vm.New(r.vm.Get("RangeError"), r.vm.ToValue(message))
	if err != nil {
		return r.failure(message)
	}
	return made
}

// ciphers are what createCipheriv knows. ECB and CBC tell nobody that data was changed: they are there because
// WeChat's own interfaces use them.
var ciphers = []string{
	"aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-ecb", "aes-192-ecb", "aes-256-ecb", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm",
}

const (
	gcmTag   = 16
	gcmNonce = 12
)

// coder is one createCipheriv or createDecipheriv.
type coder struct {
	mode     string // cbc, ecb, gcm
	block    cipher.Block
	chain    cipher.BlockMode // of cbc
	decrypts bool
	padded   bool
	held     []byte // what no whole block is yet; all of it for gcm
	nonce    []byte
	aad, tag []byte
}

func (r *run) newCipher(call goja.FunctionCall) goja.Value {
	name := call.Argument(0).String()
	if !slices.Contains(ciphers, name) {
		panic(r.failure("Unknown cipher " + clip(name, 50)))
	}
	key, iv := slices.Clone(r.bytes(call.Argument(1))), slices.Clone(r.bytes(call.Argument(2)))
	bits := map[string]int{"128": 16, "192": 24, "256": 32}[name[4:7]]
	if len(key) != bits {
		panic(r.rangeError("Invalid key length"))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(r.failure(err.Error()))
	}
	c := &coder{mode: name[8:], block: block, decrypts: call.Argument(3).ToBoolean(), padded: true, nonce: iv}
	if needs := map[string]int{"cbc": aes.BlockSize, "ecb": 0, "gcm": gcmNonce}[c.mode]; len(iv) != needs {
		panic(r.rangeError("Invalid initialization vector"))
	}
	if c.mode == "cbc" {
		c.chain = cipher.NewCBCEncrypter(block, iv)
		if c.decrypts {
			c.chain = cipher.NewCBCDecrypter(block, iv)
		}
	}
	return r.coderObject(c)
}

func (r *run) coderObject(c *coder) goja.Value {
	object := r.vm.NewObject()
	for name, run := range map[string]func(goja.FunctionCall) goja.Value{
		"update": func(call goja.FunctionCall) goja.Value { return r.arrayBuffer(c.update(r.bytes(call.Argument(0)))) },
		"final": func(goja.FunctionCall) goja.Value {
			out, problem := c.final()
			if problem != "" {
				panic(r.failure(problem))
			}
			return r.arrayBuffer(out)
		},
		"padding": func(call goja.FunctionCall) goja.Value {
			c.padded = call.Argument(0).ToBoolean()
			return goja.Undefined()
		},
		"aad": func(call goja.FunctionCall) goja.Value {
			c.aad = slices.Clone(r.bytes(call.Argument(0)))
			return goja.Undefined()
		},
		"setTag": func(call goja.FunctionCall) goja.Value {
			c.tag = slices.Clone(r.bytes(call.Argument(0)))
			return goja.Undefined()
		},
		"tag": func(goja.FunctionCall) goja.Value { return r.arrayBuffer(slices.Clone(c.tag)) },
	} {
		_ = object.Set(name, run) // a new object takes every property
	}
	return object
}

// update gives the blocks that are whole. The last one of padded data waits, for it may be the padding.
func (c *coder) update(data []byte) []byte {
	c.held = append(c.held, data...)
	if c.mode == "gcm" {
		return nil
	}
	whole := len(c.held) / aes.BlockSize * aes.BlockSize
	if c.decrypts && c.padded && whole == len(c.held) && whole > 0 {
		whole -= aes.BlockSize
	}
	out := c.crypt(c.held[:whole])
	c.held = slices.Clone(c.held[whole:])
	return out
}

func (c *coder) crypt(data []byte) []byte {
	out := make([]byte, len(data))
	if c.chain != nil {
		c.chain.CryptBlocks(out, data)
		return out
	}
	for at := 0; at < len(data); at += aes.BlockSize {
		if c.decrypts {
			c.block.Decrypt(out[at:], data[at:])
		} else {
			c.block.Encrypt(out[at:], data[at:])
		}
	}
	return out
}

// final gives the rest, or says what is wrong with it.
func (c *coder) final() (out []byte, problem string) {
	switch {
	case c.mode == "gcm":
		return c.seal()
	case !c.padded && len(c.held) > 0:
		return nil, "wrong final block length"
	case !c.padded:
		return nil, ""
	case !c.decrypts:
		pad := aes.BlockSize - len(c.held)
		for range pad {
			c.held = append(c.held, byte(pad))
		}
		return c.crypt(c.held), ""
	case len(c.held) != aes.BlockSize:
		return nil, "wrong final block length"
	}
	last := c.crypt(c.held)
	pad := int(last[len(last)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, "bad decrypt"
	}
	for _, b := range last[aes.BlockSize-pad:] {
		if int(b) != pad {
			return nil, "bad decrypt"
		}
	}
	return last[:aes.BlockSize-pad], ""
}

func (c *coder) seal() (out []byte, problem string) {
	gcm, err := cipher.NewGCM(c.block)
	if err != nil {
		return nil, err.Error()
	}
	if !c.decrypts {
		sealed := gcm.Seal(nil, c.nonce, c.held, c.aad)
		c.tag = sealed[len(sealed)-gcmTag:]
		return sealed[:len(sealed)-gcmTag], ""
	}
	if len(c.tag) != gcmTag {
		return nil, "Unsupported state or unable to authenticate data"
	}
	opened, err := gcm.Open(nil, c.nonce, append(c.held, c.tag...), c.aad)
	if err != nil {
		return nil, "Unsupported state or unable to authenticate data"
	}
	return opened, ""
}
