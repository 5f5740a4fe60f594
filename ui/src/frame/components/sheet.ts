// A sheet over the page, of the frame's own: the columns of a picker, a picture in full. One at a time.

import { say } from "./words"

/** Milliseconds in which a click still belongs to the tap before. */
const GHOST = 60

let shut: (() => void) | undefined

/** Takes the open sheet away; answers whether there was one. */
export function closeSheet(): boolean {
	const close = shut
	close?.()
	return close !== undefined
}

/** Opens a sheet that holds what it is given, and answers a way to close it. `away` hears that the person left it. */
export function openSheet(name: string, content: HTMLElement[], away: () => void): () => void {
	closeSheet()
	const before = document.activeElement
	const sheet = document.createElement("plaza-sheet")
	const box = document.createElement("div")
	sheet.setAttribute("role", "dialog")
	sheet.setAttribute("aria-modal", "true")
	sheet.setAttribute("aria-label", name)
	sheet.tabIndex = -1
	box.append(...content)
	sheet.append(box)
	const close = () => {
		if (shut === leave) shut = undefined
		sheet.remove()
		if (before instanceof HTMLElement) before.focus({ preventScroll: true })
	}
	const leave = () => {
		close()
		away()
	}
	shut = leave
	// The tap that opened it is followed by a click, which is not meant for the sheet.
	const opened = performance.now()
	sheet.addEventListener(
		"click",
		(event) => {
			if (performance.now() - opened < GHOST) event.stopImmediatePropagation()
		},
		{ capture: true },
	)
	sheet.addEventListener("click", (event) => {
		if (event.target === sheet) leave()
	})
	sheet.addEventListener("keydown", (event) => {
		if (event.key === "Escape") leave()
		if (event.key === "Tab") keepInside(sheet, event)
		event.stopPropagation()
	})
	// What is under the sheet does not scroll with it.
	sheet.addEventListener("touchmove", (event) => event.target === sheet && event.preventDefault(), {
		passive: false,
	})
	document.body.append(sheet)
	sheet.focus({ preventScroll: true })
	return close
}

function keepInside(sheet: HTMLElement, event: KeyboardEvent): void {
	const stops = [...sheet.querySelectorAll<HTMLElement>("button, [tabindex='0']")]
	const at = stops.indexOf(document.activeElement as HTMLElement)
	const next = at + (event.shiftKey ? -1 : 1)
	event.preventDefault()
	stops.at(next >= stops.length ? 0 : next)?.focus()
}

/** A button of a sheet. */
export function sheetButton(text: string, press: () => void, kind = ""): HTMLButtonElement {
	const button = document.createElement("button")
	button.type = "button"
	button.textContent = text
	button.className = kind
	button.addEventListener("click", press)
	return button
}

/** The row above a picker's columns: cancel, what it is, done. */
export function sheetHead(title: string, cancel: () => void, done?: () => void): HTMLElement {
	const head = document.createElement("header")
	const name = document.createElement("strong")
	name.textContent = title
	head.append(sheetButton(say("cancel"), cancel), name)
	if (done) head.append(sheetButton(say("done"), done, "main"))
	return head
}
