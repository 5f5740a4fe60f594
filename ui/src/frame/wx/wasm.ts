// `WXWebAssembly`: modules of the package. The browser's own takes any bytes, so a program does not have that: what
// runs must be what was looked at before it was published.

import type { Packaged } from "../packaged"

const native = globalThis.WebAssembly

/** What programs find under both names. */
export function wasmOf(pack: Packaged): object {
	return {
		instantiate: async (path: unknown, imports: WebAssembly.Imports = {}) => {
			if (typeof path !== "string")
				throw new TypeError(
					"WXWebAssembly.instantiate: the first argument must be a path of the package",
				)
			if (!path.endsWith(".wasm"))
				throw new TypeError(`WXWebAssembly.instantiate: not supported, ${path}`)
			const { instance } = await native.instantiate(await pack.file(path), imports)
			return { instance }
		},
		Memory: native?.Memory,
		Table: native?.Table,
		Global: native?.Global,
		RuntimeError: native?.RuntimeError,
		CompileError: native?.CompileError,
		LinkError: native?.LinkError,
	}
}

/** Puts it in the place of the browser's. */
export function exposeWasm(scope: object, pack: Packaged): void {
	const own = wasmOf(pack)
	for (const name of ["WXWebAssembly", "WebAssembly"])
		Object.defineProperty(scope, name, { value: own, writable: true, configurable: true })
}
