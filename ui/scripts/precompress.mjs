// Writes FILE.br next to every text or wasm file in dist, so that the binary serves them as they are.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, constants } from "node:zlib"

const dist = new URL("../dist", import.meta.url).pathname
const worthIt = /\.(js|css|html|svg|json|wasm|webmanifest)$/

for (const name of readdirSync(dist, { recursive: true })) {
	const path = join(dist, name)
	if (!worthIt.test(name) || !statSync(path).isFile()) continue
	const raw = readFileSync(path)
	const packed = brotliCompressSync(raw, {
		params: {
			[constants.BROTLI_PARAM_QUALITY]: 11,
			[constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
		},
	})
	if (packed.length < raw.length) writeFileSync(`${path}.br`, packed)
	else rmSync(`${path}.br`, { force: true })
}
