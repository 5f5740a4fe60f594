// What a program asks the person by Telegram's names: pop-ups, codes, the clipboard, invoices. The host shows each in
// its own words and sheets.

import type { Call } from "./telegramdevice"
import type { Events } from "./telegramevents"
import { invoiceOf } from "./telegramstart"

type Answer = ((...details: unknown[]) => void) | undefined
export interface PopupButton {
	id?: string
	type?: string
	text?: string
}
interface Popup {
	title?: string
	message: string
	buttons?: PopupButton[]
}

const WORDS: Record<string, Record<string, string>> = {
	en: { ok: "OK", close: "Close", cancel: "Cancel" },
	fr: { ok: "OK", close: "Fermer", cancel: "Annuler" },
	zh: { ok: "好", close: "关闭", cancel: "取消" },
}

/** A pop-up's buttons as the host can show them; throws Telegram's words for one that is not valid. */
export function popupOf(
	params: Popup,
	language: string,
): { title: string; message: string; buttons: Required<PopupButton>[] } {
	const invalid = () => new Error("WebAppPopupParamInvalid")
	const { title = "", message, buttons = [{ type: "close" }] } = params ?? {}
	const text = String(message ?? "").trim()
	if (text === "" || text.length > 256 || String(title).length > 64) throw invalid()
	if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) throw invalid()
	const words = WORDS[language.slice(0, 2)] ?? (WORDS.en as Record<string, string>)
	return {
		title: String(title).trim(),
		message: text,
		buttons: buttons.map(({ id = "", type = "default", text: own = "" }) => {
			const label = words[type] ?? String(own).trim()
			if (String(id).length > 64 || label === "" || label.length > 64) throw invalid()
			return { id: String(id), type, text: label }
		}),
	}
}

export function asks(call: Call, events: Events, language: () => string): Record<string, unknown> {
	let popup = false
	let invoice = false
	let scanning = false

	async function choose(params: Popup): Promise<string> {
		const { title, message, buttons } = popupOf(params, language())
		const [first, second, third] = buttons
		if (third) {
			const alertText = [title, message].filter(Boolean).join("\n")
			const itemList = buttons.map(({ text }) => text)
			const chosen = await call("actionSheet", { alertText, itemList }).catch(() => null)
			return buttons[(chosen as { tapIndex: number } | null)?.tapIndex ?? -1]?.id ?? ""
		}
		// The host's dialog has its refusing button on one side, whatever the order.
		const refusing = second && /^(cancel|close)$/.test(first?.type ?? "") ? first : second
		const agreeing = refusing === first ? second : first
		const { confirm } = (await call("modal", {
			title,
			content: message,
			showCancel: Boolean(refusing),
			confirmText: agreeing?.text,
			cancelText: refusing?.text,
		})) as { confirm: boolean }
		return (confirm ? agreeing : refusing)?.id ?? ""
	}

	const asked = {
		showPopup(params: Popup, answer?: Answer) {
			popupOf(params, language())
			if (popup) throw new Error("WebAppPopupOpened")
			popup = true
			void choose(params)
				.catch(() => "")
				.then((id) => {
					popup = false
					events.run(answer, id)
					events.tell("popupClosed", { button_id: id || null })
				})
		},
		showAlert(message: string, answer?: Answer) {
			asked.showPopup({ message }, () => events.run(answer))
		},
		showConfirm(message: string, answer?: Answer) {
			const buttons = [{ type: "ok", id: "ok" }, { type: "cancel" }]
			asked.showPopup({ message, buttons }, (id) => events.run(answer, id === "ok"))
		},
		showScanQrPopup(_params: unknown, answer?: (text: string) => unknown) {
			if (scanning) throw new Error("WebAppScanQrPopupOpened")
			scanning = true
			void scan(answer)
		},
		closeScanQrPopup() {
			scanning = false
		},
		readTextFromClipboard(answer?: Answer) {
			call("getClipboardData")
				.then((told) => (told as { data: string }).data)
				.catch(() => null)
				.then((data) => {
					events.run(answer, data)
					events.tell("clipboardTextReceived", { data })
				})
		},
		openInvoice(url: string, answer?: Answer) {
			const wanted = invoiceOf(url)
			if (!wanted) throw new Error("WebAppInvoiceUrlInvalid")
			if (invoice) throw new Error("WebAppInvoiceOpened")
			invoice = true
			call("requestPayment", { package: wanted })
				.then(
					() => "paid",
					(error: { code?: string }) => (error.code === "cancelled" ? "cancelled" : "failed"),
				)
				.then((status) => {
					invoice = false
					events.run(answer, status)
					events.tell("invoiceClosed", { url, status })
				})
		},
		requestWriteAccess(answer?: Answer) {
			queueMicrotask(() => {
				events.run(answer, false)
				events.tell("writeAccessRequested", { status: "cancelled" })
			})
		},
		requestContact(answer?: Answer) {
			queueMicrotask(() => {
				events.run(answer, false, { status: "cancelled" })
				events.tell("contactRequested", { status: "cancelled" })
			})
		},
	}

	/** The host's scanner is over with each code: it is opened again until the page has what it wants. */
	async function scan(answer?: (text: string) => unknown): Promise<void> {
		while (scanning) {
			const told = await call("scanCode").catch(() => null)
			if (!told) break
			const { code } = told as { code: string }
			events.tell("qrTextReceived", { data: code })
			let enough: unknown = !answer
			events.run(() => {
				enough = answer?.(code) ?? enough
			})
			if (enough === true) break
		}
		scanning = false
		events.tell("scanQrPopupClosed")
	}
	return asked
}
