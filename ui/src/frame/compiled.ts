// Loads what the compiler made of a program: one script that calls six names as it runs.

import type { Found, ModuleFactory } from "./modules"
import { head, make } from "./own"
import type { Bundle } from "./program"

/** A program's code, before any of it has run. */
export interface Compiled {
	bundle: Bundle
	modules: Map<string, { factory: ModuleFactory; found: Found }>
	json: Map<string, unknown>
}

/** Runs the compiled script; the names that it calls are gone before the program runs. */
export function load(script: string, done: (compiled: Compiled) => void, failed: () => void): void {
	let ran = false
	const compiled: Compiled = {
		bundle: { templates: {}, styles: {} },
		modules: new Map(),
		json: new Map(),
	}
	const hooks = {
		__c() {},
		__g(groups: () => Bundle["templates"]) {
			compiled.bundle.templates = groups()
		},
		__s(path: string, sheet: string) {
			compiled.bundle.styles[path] = sheet
		},
		__json(path: string, value: unknown) {
			compiled.json.set(path, value)
		},
		__d(path: string, factory: ModuleFactory, found: Found = {}) {
			compiled.modules.set(path, { factory, found })
		},
		__run() {
			ran = true
			for (const name of Object.keys(hooks)) Reflect.deleteProperty(globalThis, name)
			done(compiled)
		},
	}
	Object.assign(globalThis, hooks)
	const tag = make("script")
	tag.textContent = script
	head.append(tag)
	tag.remove()
	if (!ran) failed()
}

/** A module that is a JSON file. */
export function jsonModule(value: unknown): ModuleFactory {
	return () => (_require, module) => {
		module.exports = value
	}
}
