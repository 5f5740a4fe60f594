// Runs before anything else in the frame. The sandbox and the CSP do the confining; this file closes the two
// holes they leave: WebRTC, which no directive covers, and storage getters that throw when a program looks
// through `window`.

const PEER_CONNECTIONS = ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection"]
const STORAGES = ["localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore"]

/** Takes the constructors and storages away, for good: the properties cannot be defined again. */
export function seal(scope: Window & typeof globalThis): void {
	for (const name of [...PEER_CONNECTIONS, ...STORAGES]) vanish(scope, name)
	vanish(scope.navigator, "serviceWorker")
}

function vanish(owner: object, name: string): void {
	Reflect.deleteProperty(owner, name)
	const proto: unknown = Object.getPrototypeOf(owner)
	if (proto && name !== "serviceWorker") Reflect.deleteProperty(proto as object, name)
	Object.defineProperty(owner, name, { value: undefined, writable: false, configurable: false })
}
