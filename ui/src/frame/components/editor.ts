// The editor: text with formats that a person writes. Its content is made of the same few elements as rich text.

import type { Builtin, Drawn, Self } from "./builtin"
import { resource } from "./media"
import { richNodes } from "./richtext"

type Options = Record<string, unknown> & {
	success?(told: unknown): void
	fail?(told: unknown): void
	complete?(told: unknown): void
}

/** The browser's names of WeChat's formats. */
const COMMANDS: Record<string, string> = {
	bold: "bold",
	italic: "italic",
	underline: "underline",
	strike: "strikeThrough",
	ins: "underline",
	color: "foreColor",
	backgroundColor: "hiliteColor",
	fontSize: "fontSize",
	fontFamily: "fontName",
}
const ALIGNS: Record<string, string> = {
	left: "justifyLeft",
	center: "justifyCenter",
	right: "justifyRight",
	justify: "justifyFull",
}

// There is no other way to format a selection that every browser has, deprecated or not.
const command = (name: string, value?: string) => document.execCommand(name, false, value)

/** WeChat's EditorContext over an editable element. */
function contextOf(self: Self, field: HTMLElement): object {
	const contents = () => ({
		html: field.innerHTML,
		text: `${field.innerText}\n`,
		delta: { ops: [{ insert: `${field.innerText}\n` }] },
	})
	const put = (html: string) => {
		field.replaceChildren(...richNodes(html, self))
	}
	/** Runs, and answers by callback and by promise, as WeChat's do. */
	const later =
		(name: string, run: (options: Options) => object | undefined) =>
		(options: Options = {}) => {
			const told = { errMsg: `${name}:ok`, ...run(options) }
			options.success?.(told)
			options.complete?.(told)
			return Promise.resolve(told)
		}
	const plain = (name: string, run: (options: Options) => void) =>
		later(name, (options) => {
			run(options)
			changed()
			return undefined
		})
	const changed = () => self.emit("input", contents())
	const format = (name: string, value?: unknown) => {
		field.focus()
		if (name === "align") command(ALIGNS[String(value)] ?? "justifyLeft")
		else if (name === "list")
			command(value === "ordered" ? "insertOrderedList" : "insertUnorderedList")
		else if (name === "header") command("formatBlock", value ? `h${Number(value)}` : "p")
		else if (name === "script") command(value === "sub" ? "subscript" : "superscript")
		else if (name === "indent") command(value === "+1" ? "indent" : "outdent")
		else if (COMMANDS[name])
			command(COMMANDS[name], value === undefined ? undefined : String(value))
		changed()
	}
	return {
		format,
		insertText: plain("insertText", ({ text }) => {
			field.focus()
			command("insertText", String(text ?? ""))
		}),
		insertDivider: plain("insertDivider", () => {
			field.focus()
			command("insertHorizontalRule")
		}),
		insertImage: plain("insertImage", ({ src, alt, width, height }) => {
			const picture = document.createElement("img")
			picture.src = resource(String(src ?? ""), self.owner)
			picture.alt = String(alt ?? "")
			if (width) picture.style.width = String(width)
			if (height) picture.style.height = String(height)
			const at = getSelection()
			const range = at?.rangeCount ? at.getRangeAt(0) : null
			if (range && field.contains(range.commonAncestorContainer)) range.insertNode(picture)
			else field.append(picture)
		}),
		setContents: plain("setContents", ({ html, delta }) => {
			const ops = (delta as { ops?: { insert?: unknown }[] } | undefined)?.ops ?? []
			if (typeof html === "string") put(html)
			else
				field.innerText = ops
					.map(({ insert }) => (typeof insert === "string" ? insert : ""))
					.join("")
		}),
		getContents: later("getContents", contents),
		getSelectionText: later("getSelectionText", () => ({ text: String(getSelection() ?? "") })),
		clear: plain("clear", () => field.replaceChildren()),
		removeFormat: plain("removeFormat", () => command("removeFormat")),
		undo: plain("undo", () => command("undo")),
		redo: plain("redo", () => command("redo")),
		blur: later("blur", () => {
			field.blur()
			return undefined
		}),
		scrollIntoView: () => field.scrollIntoView({ block: "nearest" }),
	}
}

export const editor: Builtin = {
	tag: "editor",
	slot: false,
	speaks: ["input", "focus", "blur"],
	properties: {
		readOnly: false,
		placeholder: "",
		showImgSize: false,
		showImgToolbar: false,
		showImgResize: false,
		confirmHold: false,
		name: "",
	},
	setup(self) {
		const { node, get, emit } = self
		const field = document.createElement("div")
		field.setAttribute("role", "textbox")
		field.setAttribute("aria-multiline", "true")
		node.append(field)
		const told = () => ({
			html: field.innerHTML,
			text: `${field.innerText}\n`,
			delta: { ops: [{ insert: `${field.innerText}\n` }] },
		})
		;(node as Drawn).answers = contextOf(self, field)
		;(node as Drawn).field = {
			name: () => get<string>("name"),
			value: () => field.innerHTML,
			reset: () => field.replaceChildren(),
		}
		field.addEventListener("input", (event) => {
			event.stopPropagation()
			emit("input", told())
		})
		for (const name of ["focus", "blur"] as const)
			field.addEventListener(name, () => emit(name, told()))
		document.addEventListener("selectionchange", () => {
			const at = getSelection()?.anchorNode
			if (!at || !field.contains(at)) return
			const on = ["bold", "italic", "underline"].filter((name) => document.queryCommandState(name))
			emit("statuschange", Object.fromEntries(on.map((name) => [name, name])))
		})
		// What is pasted comes without another document's look.
		field.addEventListener("paste", (event) => {
			event.preventDefault()
			command("insertText", event.clipboardData?.getData("text/plain") ?? "")
		})
		const draw = () => {
			field.contentEditable = get<boolean>("readOnly") ? "false" : "true"
			field.dataset.placeholder = get<string>("placeholder")
			field.setAttribute("aria-label", get<string>("placeholder"))
		}
		return {
			attached() {
				draw()
				queueMicrotask(() => emit("ready", {}))
			},
			changed: draw,
		}
	},
}
