import { expect, test, vi } from "vitest"
import type { HostPort } from "../port"
import { updateManager } from "./update"

function house() {
	const listeners: Parameters<HostPort["on"]>[1][] = []
	const cast = vi.fn()
	const port = {
		on: (_name: string, heard: (typeof listeners)[0]) => listeners.push(heard),
		cast,
	} as unknown as HostPort
	const tell = (name: string) => {
		for (const heard of listeners) heard({ ev: "event", name, detail: {} })
	}
	return { manager: updateManager(port)(), tell, cast }
}

test("a program hears once of a newer version, and has it started", async () => {
	const { manager, tell, cast } = house()
	const heard: string[] = []
	manager.onCheckForUpdate?.((result) => heard.push(`checked ${result?.hasUpdate}`))
	manager.onUpdateReady?.(() => heard.push("ready"))
	await Promise.resolve()
	expect(heard).toEqual(["checked false"])
	tell("LocationChange")
	tell("UpdateReady")
	tell("UpdateReady")
	expect(heard).toEqual(["checked false", "checked true", "ready"])
	manager.applyUpdate?.()
	expect(cast).toHaveBeenCalledExactlyOnceWith("applyUpdate")
})

test("who listens after the news hears it, too", async () => {
	const { manager, tell } = house()
	tell("UpdateReady")
	const ready = vi.fn()
	const checked = vi.fn()
	manager.onUpdateReady?.(ready)
	manager.onCheckForUpdate?.(checked)
	await Promise.resolve()
	expect(ready).toHaveBeenCalledOnce()
	expect(checked).toHaveBeenCalledWith({ hasUpdate: true })
})
