// `wx.getUpdateManager()`: the host tells when a newer version is out, and starts it when the program says so. It is
// there as soon as it is told, so "checked" and "ready" come together.

import type { HostPort } from "../port"

type Heard = (result?: { hasUpdate: boolean }) => void

/** The one manager of a program; who listens late still hears. */
export function updateManager(port: HostPort): () => Record<string, (heard?: Heard) => void> {
	const checked = new Set<Heard>()
	const ready = new Set<Heard>()
	let out = false
	port.on("event", (event) => {
		if (event.ev !== "event" || event.name !== "UpdateReady" || out) return
		out = true
		for (const heard of checked) heard({ hasUpdate: true })
		for (const heard of ready) heard()
	})
	const later = (heard: Heard, result?: { hasUpdate: boolean }) =>
		queueMicrotask(() => heard(result))
	const manager = {
		onCheckForUpdate(heard?: Heard) {
			if (!heard) return
			checked.add(heard)
			later(heard, { hasUpdate: out })
		},
		onUpdateReady(heard?: Heard) {
			if (!heard) return
			ready.add(heard)
			if (out) later(heard)
		},
		/** A version comes whole or not at all: this never happens. */
		onUpdateFailed() {},
		applyUpdate: () => port.cast("applyUpdate"),
	}
	return () => manager
}
