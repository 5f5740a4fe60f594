// The client's service worker: it starts without a network what was started before. It keeps the client's page and
// files, nothing of a person's and nothing of a program's; frames have an origin of their own and never come here.

import { isPage } from "./scope"

declare const self: ServiceWorkerGlobalScope
/** Filled in by the build: a hash over everything below; what the first page and a program need; all of the client. */
declare const VERSION: string
declare const SHELL: string[]
declare const CLIENT: string[]

const PREFIX = "plaza.shell."
const CACHE = PREFIX + VERSION
/** What is the client's but has no hash in its name. */
const PLAIN = ["/", "/theme.js", "/offline.js", "/icon.svg", "/plaza.webmanifest"]
/** Milliseconds that the network may take for a page before the kept one is shown. */
const PATIENCE = 3_000

const files = new Set([...CLIENT, ...PLAIN.slice(1)])

self.addEventListener("install", (event) => {
	event.waitUntil(install())
})
self.addEventListener("activate", (event) => {
	event.waitUntil(tidy())
})
// The page tells which files it has loaded: they are in the browser's own cache and cost nothing now.
self.addEventListener("message", (event) => {
	const loaded: unknown = event.data?.loaded
	if (Array.isArray(loaded)) event.waitUntil(add(loaded.filter((path) => files.has(path))))
})
self.addEventListener("fetch", (event) => {
	const { request } = event
	const { origin, pathname, search } = new URL(request.url)
	if (request.method !== "GET" || origin !== self.location.origin) return
	if (request.mode === "navigate") {
		if (isPage(pathname)) event.respondWith(page(request))
	} else if (files.has(pathname) && search === "") event.respondWith(file(request))
})

/** Everything or nothing: the page and its files are of one build. */
async function install(): Promise<void> {
	const cache = await caches.open(CACHE)
	await cache.addAll(PLAIN.map((path) => new Request(path, { cache: "reload" })))
	await cache.addAll(SHELL)
	await self.skipWaiting()
}

async function tidy(): Promise<void> {
	const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
	for (const name of old) await caches.delete(name)
}

async function add(paths: string[]): Promise<void> {
	const cache = await caches.open(CACHE)
	for (const path of paths) if (!(await cache.match(path))) await cache.add(path)
}

/** The network's page as long as there is one in time, or the kept one: the same for every address. */
async function page(request: Request): Promise<Response> {
	const kept = () => caches.open(CACHE).then((cache) => cache.match("/"))
	const answer = fetch(request)
	const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), PATIENCE))
	try {
		const first = await Promise.race([answer, late])
		if (first && first.status < 502) return first
	} catch {
		// There is no network.
	}
	return (await kept()) ?? answer
}

/** A file of the client: kept when it was asked for once. */
async function file(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE)
	const kept = await cache.match(request.url)
	if (kept) return kept
	const answer = await fetch(request)
	if (answer.ok && answer.type === "basic") await cache.put(request.url, answer.clone())
	return answer
}
