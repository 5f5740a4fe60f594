// Builds the React program beside this file for WeChat with Taro's own runtime, template maker and reconciler, as its
// command line does, but without that: it would bring hundreds of packages for what a bundler does in a second.

import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { build, type Rolldown } from "vite"
import { type Published, unpacked } from "../packages"

const TARO = "4.1.9"
const packages: Published[] = [
	{
		name: "@tarojs/runtime",
		version: TARO,
		integrity:
			"sha512-moJiVFPr76EHYKUhzYkNTbiYPKAUbc5rRB7R/ha+br9jph7P9eUNbSNrMtkwN1ii0760zB0bwMeWs3gGH9mNKw==",
	},
	{
		name: "@tarojs/react",
		version: TARO,
		integrity:
			"sha512-vrQa/zjhSQ+0SFVCVV7DJc8fswF1HrKYAMQRnju2y77geqI39N39ejBT8WKucQhYBTEbai2ChBBYYzJ7HQkBSQ==",
	},
	{
		name: "@tarojs/shared",
		version: TARO,
		integrity:
			"sha512-lcoF8PWfaM6duf3weVXYyfd5jgCJwkeqdGvIMDjdJ2QbCJSKrzqWWolq4KE0GD7jY8mjmwdGD26eRxISGIxvMQ==",
	},
	{
		name: "@tarojs/plugin-framework-react",
		version: TARO,
		integrity:
			"sha512-loztzTEgHL2yVZ0O2gaxXHJuA83nFwAKnk1+qX0/DzBts6WlVVzCtkdCLvPjMmV4gf53KwbU8YgGSmVn/iocnQ==",
	},
	{
		name: "@tarojs/plugin-platform-weapp",
		version: TARO,
		integrity:
			"sha512-a3pHm2j4dksvuium6rMZwDmLazA/COAnwYNcbU3/vFkMA6MwTbra5JDL8Ari4op7HqeP72RZlEoYB5hp56jsXQ==",
	},
	{
		name: "react",
		version: "18.3.1",
		integrity:
			"sha512-wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==",
	},
	{
		name: "react-reconciler",
		version: "0.29.2",
		integrity:
			"sha512-zZQqIiYgDCTP/f1N/mAR10nJGrPD2ZR+jDSEsKWJHYC7Cm2wodlwbR3upZRdC3cjIjSlTLNVyO7Iu0Yy7t2AYg==",
	},
	{
		name: "scheduler",
		version: "0.23.2",
		integrity:
			"sha512-UOShsPwz7NrMUqhR6t0hWjFduvOzbtv7toDH1/hIrfRNIDBnnBWd0CwJTGvTpngVlmwGCdP9/Zl/tVrDqcuYzQ==",
	},
	{
		name: "tslib",
		version: "2.8.1",
		integrity:
			"sha512-oJFu94HQb+KVduSUQL7wnpmqnfmLsOA/nAh6b6EH0wCEoK0/mPeXU6c3wKDV83MkOuHPRHtSXKKU99IBazS/2w==",
	},
]

const pages = ["todo", "about"]
/** The tags that the program uses, and those by which Taro always saves listeners. */
const tags =
	"button input scroll-view view catch-view click-view static-view pure-view text static-text image static-image".split(
		" ",
	)

/** What Taro's loaders write around an app and its pages. */
const entries: Record<string, string> = {
	app: `
		import "@tarojs/plugin-platform-weapp/dist/runtime"
		import { createReactApp } from "@tarojs/plugin-framework-react/dist/runtime"
		import * as React from "react"
		import ReactDOM from "@tarojs/react"
		const Main = ({ children }) => children
		App(createReactApp(Main, React, ReactDOM, { pages: ${JSON.stringify(pages.map((name) => `pages/${name}/${name}`))} }))`,
	comp: `
		import { createRecursiveComponentConfig } from "@tarojs/runtime"
		Component(createRecursiveComponentConfig())`,
	...Object.fromEntries(
		pages.map((name) => [
			`pages/${name}/${name}`,
			`import { createPageConfig } from "@tarojs/runtime"
			import Content from "../../${name}.jsx"
			Page(createPageConfig(Content, "pages/${name}/${name}", { root: { cn: [] } }, {}))`,
		]),
	),
}

interface Templates {
	buildTemplate(config: object): string
	buildPageTemplate(base: string): string
	buildBaseComponentTemplate(ext: string): string
	buildXScript(): string
}

/** Taro's templates, by the platform plugin's own maker; what it wants of the command line is not needed here. */
function templates(home: string): Record<string, string> {
	const require = createRequire(join(home, "index.js"))
	const { Weapp } = require("@tarojs/plugin-platform-weapp/dist/index.js") as {
		Weapp: new (context: object, config: object) => { template: Templates; modifyTemplate(): void }
	}
	const merge = (into: Record<string, object>, more: Record<string, object>) => {
		for (const [name, values] of Object.entries(more)) into[name] = { ...into[name], ...values }
	}
	const weapp = new Weapp({ helper: { recursiveMerge: merge } }, {})
	weapp.modifyTemplate()
	const { template } = weapp
	const base = template.buildTemplate({
		includes: new Set(tags),
		exclude: new Set(),
		thirdPartyComponents: new Map(),
		includeAll: false,
	})
	return {
		"base.wxml": base,
		"utils.wxs": template.buildXScript(),
		"comp.wxml": template.buildBaseComponentTemplate(".wxml"),
		...Object.fromEntries(
			pages.map((name) => [
				`pages/${name}/${name}.wxml`,
				template.buildPageTemplate("../../base.wxml"),
			]),
		),
	}
}

/** A folder in which the bundler and Node find the packages. */
async function workshop(): Promise<string> {
	const home = await mkdtemp(join(tmpdir(), "plaza-taro-"))
	for (const one of packages)
		await cp(await unpacked(one), join(home, "node_modules", one.name), { recursive: true })
	const service = join(home, "node_modules/@tarojs/service")
	await mkdir(service, { recursive: true })
	await writeFile(
		join(service, "index.js"),
		"exports.TaroPlatformBase = class { constructor(ctx, config) { Object.assign(this, { ctx, config, setupTransaction: { addWrapper() {} } }) } }",
	)
	for (const name of pages)
		await cp(join(import.meta.dirname, `${name}.jsx`), join(home, `${name}.jsx`))
	for (const [name, source] of Object.entries(entries)) {
		await mkdir(dirname(join(home, name)), { recursive: true })
		await writeFile(join(home, `${name}.js`), source)
	}
	return home
}

/** The program as Taro gives it to WeChat's developer tools. */
export async function built(): Promise<Record<string, string>> {
	const home = await workshop()
	try {
		const made = (await build({
			root: home,
			configFile: false,
			logLevel: "error",
			define: {
				"process.env.NODE_ENV": '"production"',
				"process.env.TARO_ENV": '"weapp"',
				"process.env.TARO_PLATFORM": '"mini"',
				"process.env.FRAMEWORK": '"react"',
				...Object.fromEntries(
					"ENABLE_INNER_HTML ENABLE_ADJACENT_HTML ENABLE_SIZE_APIS ENABLE_TEMPLATE_CONTENT ENABLE_CLONE_NODE ENABLE_CONTAINS ENABLE_MUTATION_OBSERVER"
						.split(" ")
						.map((name) => [name, "false"]),
				),
			},
			resolve: {
				alias: { "@tarojs/components": "@tarojs/plugin-platform-weapp/dist/components-react" },
			},
			build: {
				write: false,
				minify: false,
				target: "es2020",
				rolldownOptions: {
					input: Object.fromEntries(
						Object.keys(entries).map((name) => [name, join(home, `${name}.js`)]),
					),
					output: {
						format: "cjs",
						entryFileNames: "[name].js",
						chunkFileNames: "[name].js",
						exports: "auto",
					},
				},
			},
		})) as Rolldown.RolldownOutput
		const code = Object.fromEntries(
			made.output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.code]] : [])),
		)
		const component = JSON.stringify({ component: true, usingComponents: { comp: "./comp" } })
		const page = JSON.stringify({ usingComponents: { comp: "../../comp" } })
		return {
			...code,
			...templates(home),
			"app.json": JSON.stringify({
				pages: pages.map((name) => `pages/${name}/${name}`),
				window: { navigationBarTitleText: "To do" },
			}),
			"comp.json": component,
			...Object.fromEntries(pages.map((name) => [`pages/${name}/${name}.json`, page])),
			"app.wxss":
				".todo { padding: 32rpx } .row { display: flex; gap: 16rpx; margin: 24rpx 0 } .new { flex: 1 } .list { height: 400rpx } .thing { padding: 24rpx 0; border-bottom: 1px solid #ddd } .done { text-decoration: line-through; opacity: 0.6 }",
		}
	} finally {
		await rm(home, { recursive: true, force: true })
	}
}
