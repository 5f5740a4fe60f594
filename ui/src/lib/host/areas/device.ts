// What the device can do besides showing a page. A program that would leave Plaza, read what others wrote or add to
// the person's own lists asks each time, in the host's words.

import { type FrameMessage, isFields, words } from "../checks"
import { LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal } from "../session"
import { ask } from "./ask"
import { calendar, contact } from "./cards"
import { save } from "./save"
import { listen } from "./sensors"

interface Battery extends EventTarget {
	level: number
	charging: boolean
}

/** What one session holds of the device. */
interface Held {
	lock: WakeLockSentinel | null
}
const held = new WeakMap<object, Held>()

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	switch (method) {
		case "sensor":
			return listen(reach, words(given.kind), given.on === true, Number(given.interval))
		case "battery":
			return battery(reach)
		case "keepScreenOn":
			return keepOn(reach, given.on === true)
		case "keyboard":
			return keyboard(reach)
		case "makePhoneCall": {
			const number = numbers(given.phoneNumber)
			await ask(reach, "call", number)
			return leaveTo(`tel:${number}`)
		}
		case "sendSms": {
			const number = numbers(given.phoneNumber)
			const content = words(given.content, LIMITS.text)
			await ask(reach, "sms", content ? `${number}\n\n${content}` : number)
			return leaveTo(`sms:${number}?body=${encodeURIComponent(content)}`)
		}
		case "getClipboardData":
			await ask(reach, "clipboard", "")
			return { data: (await clipboard()).slice(0, LIMITS.clipboard) }
		case "addPhoneContact": {
			const card = contact(given)
			await ask(reach, "contact", words(given.firstName))
			return save("contact.vcf", new Blob([card], { type: "text/vcard" }))
		}
		case "addPhoneCalendar": {
			const event = calendar(given)
			await ask(reach, "calendar", words(given.title))
			return save("event.ics", new Blob([event], { type: "text/calendar" }))
		}
	}
	throw new Refusal("not supported", "not_supported")
}

function numbers(value: unknown): string {
	const number = words(value).replace(/[\s()./-]/g, "")
	if (!/^\+?[\d*#]{2,24}$/.test(number)) throw badArgs
	return number
}

/** Hands an address to the device; the page stays where it is. */
function leaveTo(address: string): object {
	const link = document.createElement("a")
	link.href = address
	link.click()
	return {}
}

async function clipboard(): Promise<string> {
	try {
		return await navigator.clipboard.readText()
	} catch {
		throw new Refusal("system permission denied", "no_clipboard")
	}
}

async function battery(reach: Reach): Promise<object> {
	const get = (navigator as { getBattery?: () => Promise<Battery> }).getBattery
	if (!get) throw new Refusal("not supported", "not_supported")
	const found = await get.call(navigator)
	const state = () => ({
		level: Math.round(found.level * 100),
		isCharging: found.charging,
		isLowPowerModeEnabled: false,
	})
	const tell = () => reach.tell({ ev: "event", name: "BatteryInfoChange", detail: state() })
	for (const name of ["levelchange", "chargingchange"]) {
		found.addEventListener(name, tell)
		reach.atEnd(() => found.removeEventListener(name, tell))
	}
	return state()
}

async function keepOn(reach: Reach, on: boolean): Promise<object> {
	const of = reach
	const now = held.get(of) ?? { lock: null }
	if (!held.has(of)) {
		held.set(of, now)
		reach.atEnd(() => void now.lock?.release())
	}
	await now.lock?.release()
	now.lock = null
	if (!on) return {}
	if (!("wakeLock" in navigator)) throw new Refusal("not supported", "not_supported")
	now.lock = await navigator.wakeLock.request("screen").catch(() => {
		throw new Refusal("system permission denied", "no_wake_lock")
	})
	return {}
}

/** Tells how much of the screen the keyboard covers, from now on. */
function keyboard(reach: Reach): object {
	const view = window.visualViewport
	if (!view) return {}
	let last = 0
	const tell = () => {
		const height = Math.max(0, Math.round(innerHeight - view.height - view.offsetTop))
		if (height !== last)
			reach.tell({ ev: "event", name: "KeyboardHeightChange", detail: { height } })
		last = height
	}
	view.addEventListener("resize", tell)
	reach.atEnd(() => view.removeEventListener("resize", tell))
	return {}
}
