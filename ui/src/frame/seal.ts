// Runs before anything else in the frame. The sandbox and the CSP do the confining; this file closes the two
// holes they leave: WebRTC, which no directive covers, and storage getters that throw when a program looks
// through `window`.

const PEER_CONNECTIONS = ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection"]
/** A worker runs whatever text it is given; the runtime makes those that a program declares, from its package. */
const WORKERS = ["Worker", "SharedWorker"]
const STORAGES = ["localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore"]

/** Takes the constructors and storages away. A program may use the storages' names for its own: `const caches = …`. */
export function seal(scope: Window & typeof globalThis): void {
	for (const name of PEER_CONNECTIONS) vanish(scope, name, false)
	for (const name of WORKERS) vanish(scope, name, false)
	for (const name of STORAGES) vanish(scope, name, true)
	vanish(scope.navigator, "serviceWorker", false)
	// Frames beside this one may be another program's: what they say is nobody's concern here.
	scope.addEventListener?.(
		"message",
		(event) => {
			const { source } = event
			if (source && source !== scope && source !== scope.parent) event.stopImmediatePropagation()
		},
		true,
	)
}

function vanish(owner: object, name: string, free: boolean): void {
	Reflect.deleteProperty(owner, name)
	const proto: unknown = Object.getPrototypeOf(owner)
	if (proto && name !== "serviceWorker") Reflect.deleteProperty(proto as object, name)
	Object.defineProperty(owner, name, { value: undefined, writable: free, configurable: free })
}
