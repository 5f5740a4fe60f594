// The module loader: CommonJS over the factories that the compiler registers with `__d`.

/** What a module body gets. */
export type ModuleBody = (require: Require, module: Module, exports: unknown) => void
/** The outer arrow binds the program's names, so that `const self = …` inside a module never clashes with them. */
export type ModuleFactory = (...names: unknown[]) => ModuleBody
/** The files that the compiler found for a module's requests; aliases are known to it alone. */
export type Found = Readonly<Record<string, string>>
export interface Module {
	id: string
	exports: unknown
	loaded: boolean
}
export interface Require {
	(request: string): unknown
	async(request: string): Promise<unknown>
}

/** Joins a request to the file that makes it; the result has no `.` and `..` and no leading slash. */
export function join(from: string, request: string): string {
	const parts = request.startsWith("/") ? [] : from.split("/").slice(0, -1)
	for (const part of request.split("/")) {
		if (part === "" || part === ".") continue
		if (part === "..") parts.pop()
		else parts.push(part)
	}
	return parts.join("/")
}

/** Finds the file that a request means, as WeChat does: relative, absolute, or in the nearest `miniprogram_npm` upwards. */
export function resolve(
	from: string,
	request: string,
	has: (path: string) => boolean,
): string | undefined {
	for (const base of bases(from, request)) {
		for (const ending of ["", ".js", "/index.js", ".json"]) {
			if (has(base + ending)) return base + ending
		}
	}
	return undefined
}

function bases(from: string, request: string): string[] {
	if (/^\.{0,2}\//.test(request)) return [join(from, request)]
	const found: string[] = []
	const folders = from.split("/").slice(0, -1)
	for (let depth = folders.length; depth >= 0; depth--) {
		found.push([...folders.slice(0, depth), "miniprogram_npm", request].join("/"))
	}
	return [...found, join(from, request), join("", request)]
}

/** Loads modules once, on first use. `aroundRun` lets the program know whose code runs. */
export class ModuleLoader {
	readonly #factories = new Map<string, { factory: ModuleFactory; found: Found }>()
	readonly #loaded = new Map<string, Module>()
	readonly #names: (path: string) => unknown[]
	readonly #aroundRun: (path: string, run: () => void) => void

	constructor(
		names: (path: string) => unknown[],
		aroundRun: (path: string, run: () => void) => void,
	) {
		this.#names = names
		this.#aroundRun = aroundRun
	}

	/** Registers a module; the compiler's `__d`. */
	define(path: string, factory: ModuleFactory, found: Found = {}): void {
		this.#factories.set(path, { factory, found })
	}

	/** Whether the program has the file. */
	has(path: string): boolean {
		return this.#factories.has(path)
	}

	/** Runs a module if it has not run, and answers its exports. */
	load(path: string): unknown {
		const known = this.#loaded.get(path)
		if (known) return known.exports
		const defined = this.#factories.get(path)
		if (!defined) throw new Error(`module '${path}' is not defined`)
		const { factory, found } = defined
		const module: Module = { id: path, exports: {}, loaded: false }
		this.#loaded.set(path, module)
		this.#aroundRun(path, () =>
			factory(...this.#names(path)).call(
				module.exports,
				this.#requireFrom(path, found),
				module,
				module.exports,
			),
		)
		module.loaded = true
		return module.exports
	}

	#requireFrom(from: string, found: Found): Require {
		const load = (request: string): unknown => {
			const known = Object.hasOwn(found, request) ? found[request] : undefined
			const path = known ?? resolve(from, request, (name) => this.has(name))
			if (path === undefined)
				throw new Error(
					`module '${request}' is not defined, require args is '${request}' (in ${from})`,
				)
			return this.load(path)
		}
		return Object.assign(load, { async: async (request: string) => load(request) })
	}
}
