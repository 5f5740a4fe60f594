// One program in one frame: its code space, its modules, its App, Page and Component.

import * as glassEasel from "glass-easel"
import {
	type AssociatedBackend,
	type behavior,
	type CodeSpace,
	MiniProgramEnv,
	type Root,
} from "glass-easel-miniprogram-adapter"
import type { ComponentConfig, ProgramConfig, Theme } from "../lib/host/protocol"
import { registerBuiltins } from "./components"
import type { Routes } from "./components/page"
import { isDisabled } from "./components/press"
import { drawnBy } from "./drawn"
import { ModuleLoader } from "./modules"
import { applyShim, patchOptions, triggerBackendEvent, wrapTemplate } from "./shim"
import { FrameBackend, isEditing, Styles } from "./styles"

type Group = Parameters<typeof wrapTemplate>[0]

/** What the compiled script of a program registers. */
export interface Bundle {
	templates: Record<string, Group>
	styles: Record<string, string>
}

/** What a program passes to `Component`, `Page` and `Behavior`; only what is touched here is named. */
export interface Definition {
	behaviors?: unknown[]
	options?: { styleIsolation?: string; addGlobalClass?: boolean; [name: string]: unknown }
	[name: string]: unknown
}

/** A page or component as the program sees it, `this`. */
export interface Caller {
	data: Record<string, unknown>
	setData(data: Record<string, unknown>, done?: () => void): void
	createSelectorQuery(): { in(caller: Caller): unknown; selectViewport(): object }
	createIntersectionObserver(options?: object): object
	selectComponent(selector: string): unknown
	route: string
	options: Record<string, string>
	[name: string]: unknown
}

/** Reports an error of the program; `where` says which of its functions ran. */
export type Report = (error: unknown, where: string) => void

const CONTROL_BEHAVIORS = [
	"wx://form-field",
	"wx://form-field-group",
	"wx://form-field-button",
	"wx://component-export",
]
const BUTTON_EVENTS = new Set(["tap", "click"])

/** The program's code, turned into components as pages ask for them. */
export class Program {
	readonly config: ProgramConfig
	readonly modules: ModuleLoader
	readonly styles: Styles
	readonly #bundle: Bundle
	readonly #report: Report
	readonly #space: CodeSpace
	readonly #backend: AssociatedBackend
	readonly #named = new Map<string, behavior.GeneralBehavior>()
	readonly #ready = new Set<string>()
	/** Numbers of scopes: a component and what it uses must never have the same. */
	#scopes = 1
	#current = ""
	#registered = false

	constructor(
		config: ProgramConfig,
		bundle: Bundle,
		theme: Theme,
		names: () => unknown[],
		routes: Routes,
		report: Report,
	) {
		this.config = config
		this.#bundle = bundle
		this.#report = report
		this.modules = new ModuleLoader(names, (path, run) => this.#running(path, run))
		applyShim()
		glassEasel.addGlobalErrorListener((error, method) => {
			// WeChat says so in the console and goes on.
			if (method === "[prepare]") console.warn(error instanceof Error ? error.message : error)
			else report(error, method ?? "")
			return false
		})
		glassEasel.addGlobalWarningListener(() => false)

		const env = new MiniProgramEnv()
		const builtins = registerBuiltins(env.getGlobalCodeSpace().getComponentSpace(), routes)
		this.#space = env.createCodeSpace("", true)
		const components = this.#space.getComponentSpace()
		// A property may have any name, `dataset` too; written to the node it would hide the node's own.
		components.updateComponentOptions({ writeFieldsToNode: false })
		for (const [tag, definition] of builtins) components.setGlobalUsingComponent(tag, definition)

		this.styles = new Styles(bundle.styles, theme, config.pages)
		const backend = new FrameBackend(this.styles, components.styleScopeManager)
		backend.onEvent((target, type, detail, options) => {
			const node = (target as { $$?: unknown }).$$
			if (BUTTON_EVENTS.has(type) && node instanceof Element && isDisabled(node)) return undefined
			const status = triggerBackendEvent(target, type, detail, options)
			return isEditing(options.originalEvent) ? undefined : status
		})
		this.#backend = env.associateBackend(backend)
		patchOptions(this.#space)
		this.#space.addComponentStaticConfig(NOTHING, { component: true })
		this.#space.component(NOTHING).definition({}).register()
		if (config.app_style) this.#space.addStyleSheet("app", "app")
	}

	/** Runs `app.js`, if the program has one. */
	runApp(): void {
		if (this.modules.has("app.js")) this.modules.load("app.js")
	}

	/** Whether the program has a page of that path. */
	hasPage(path: string): boolean {
		return this.config.pages.includes(path)
	}

	/** Makes a page's root; its sheets belong to `page`. */
	createRoot(path: string, query: string, page: object, tag = "wx-page"): Root {
		this.#ensure(path)
		return this.styles.during(page, () =>
			this.#backend.createRoot(tag, this.#space, `/${path}${query && `?${query}`}`),
		)
	}

	/** `Page` as modules see it: a page is defined by the file that is being run for it. */
	readonly Page = (definition: Definition): void => {
		const path = this.#claim()
		this.#space
			.component(path)
			.pageDefinition(this.#prepare(path, definition) as never)
			.register()
	}

	/** `Component`, which libraries call from shared functions: it defines the file that is being run, not the caller's. */
	readonly Component = (definition?: Definition): unknown => {
		const path = this.#claim()
		if (!definition) return this.#space.component(path)
		this.#space
			.component(path)
			.definition(this.#prepare(path, definition) as never)
			.register()
		return undefined
	}

	/** `Behavior`. */
	readonly Behavior = Object.assign(
		(definition: Definition): unknown =>
			this.#space
				.behavior()
				.definition(this.#prepare("", definition) as never)
				.register(),
		{ trait: () => this.#space.traitBehavior() },
	)

	#claim(): string {
		this.#registered = true
		return this.#current
	}

	#running(path: string, run: () => void): void {
		const before = this.#current
		const component = path.replace(/\.js$/, "")
		if (component in this.config.components) this.#current = component
		try {
			run()
		} finally {
			this.#current = before
		}
	}

	/** Makes a component and, first, all it uses. A component may use itself. */
	#ensure(path: string): void {
		if (this.#ready.has(path)) return
		this.#ready.add(path)
		const config = this.config.components[path]
		if (!config) throw new Error(`component '${path}' is not in the program`)
		for (const used of [...Object.values(config.using), ...Object.values(config.generics ?? {})])
			if (used) this.#ensure(used)
		this.#space.addComponentStaticConfig(path, staticConfig(config) as never)
		const content = this.#bundle.templates[path]
		if (content) {
			this.#space.addCompiledTemplate(path, {
				groupList: this.#bundle.templates,
				content: wrapTemplate(content),
				fallbackListenerOnNativeNode: true,
			} as never)
		}
		if (config.style) this.#space.addStyleSheet(path, path, `s${this.#scopes++}`)
		this.#registered = false
		if (config.script) this.#runScript(path, config)
		if (!this.#registered) this.#running(`${path}.js`, () => this.Component({}))
	}

	/** A broken component is an error and an empty box; a broken page cannot open. */
	#runScript(path: string, config: ComponentConfig): void {
		try {
			this.modules.load(`${path}.js`)
		} catch (error) {
			if (config.page) throw error
			this.#report(error, `${path}.js`)
		}
	}

	/** Named behaviours become real ones; a style isolation set in JS becomes the json's, where the adapter looks. */
	#prepare(path: string, definition: Definition): Definition {
		const { options } = definition
		if (path && options) {
			const config = this.#space.getComponentStaticConfig(path) ?? {}
			const merged = {
				...config,
				styleIsolation: config.styleIsolation ?? options.styleIsolation,
				addGlobalClass: config.addGlobalClass ?? options.addGlobalClass,
			}
			if (merged.styleIsolation === undefined) delete merged.styleIsolation
			this.#space.addComponentStaticConfig(path, merged as never)
		}
		const known = {
			...definition,
			...(definition.properties ? { properties: readable(definition.properties) } : {}),
		}
		if (!definition.behaviors) return known
		return {
			...known,
			behaviors: definition.behaviors.map((each) => this.#behaviorOf(each)).filter(Boolean),
		}
	}

	#behaviorOf(each: unknown): unknown {
		if (typeof each !== "string") return each
		if (!CONTROL_BEHAVIORS.includes(each)) return undefined
		let known = this.#named.get(each)
		if (!known) {
			known = this.#space
				.behavior()
				.definition(controlBehavior(each) as never)
				.register() as never as behavior.GeneralBehavior
			this.#named.set(each, known)
		}
		return known
	}
}

/** The component that stands for a generic of which nobody says what it is. */
const NOTHING = "plaza/nothing"

const TYPES: unknown[] = [String, Number, Boolean, Object, Array, Function, null]

/** Properties as the library reads them. WeChat takes several types in a list, and lets pass what is no type. */
function readable(properties: unknown): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(properties as Record<string, unknown>).map(([name, given]) => {
			if (Array.isArray(given)) return [name, several({ type: given })]
			if (typeof given !== "object" || given === null)
				return [name, TYPES.includes(given) ? given : null]
			return [name, several(given as { type?: unknown })]
		}),
	)
}

function several<T extends { type?: unknown }>(given: T): T {
	const { type } = given
	if (!Array.isArray(type)) return TYPES.includes(type) ? given : { ...given, type: null }
	const [first = null, ...optionalTypes] = type.filter((each) => TYPES.includes(each)) as unknown[]
	return { ...given, type: first, optionalTypes }
}

/** What a named behaviour gives a custom component: a form around it finds it, as it finds a built-in. */
function controlBehavior(name: string): object {
	if (name !== "wx://form-field") return {}
	interface Control {
		_$: glassEasel.GeneralComponent
		data: Record<string, unknown>
		setData(data: object): void
	}
	return {
		properties: { name: String, value: null },
		lifetimes: {
			attached(this: Control) {
				const first = this.data.value
				const node = drawnBy(this._$)
				if (!node) return
				node.field = {
					name: () => String(this.data.name ?? ""),
					value: () => this.data.value,
					reset: () => this.setData({ value: first }),
				}
			},
		},
	}
}

/** A component's table as the adapter reads it. */
function staticConfig({
	json,
	using,
	generics,
	placeholder,
}: ComponentConfig): Record<string, unknown> {
	const rooted = (paths: [string, string][]) =>
		Object.fromEntries(paths.map(([tag, path]) => [tag, `/${path}`]))
	return {
		...json,
		usingComponents: rooted(Object.entries(using)),
		componentGenerics: Object.fromEntries(
			Object.entries(generics ?? {}).map(([name, path]) => [
				name,
				{ default: `/${path ?? NOTHING}` },
			]),
		),
		componentPlaceholder: placeholder,
	}
}
