// What a program may do to the page around its content: its bar, its scrolling, its background, its queries.

import type { Nav } from "../../lib/host/protocol"
import { glide } from "../components/drag"
import { mediaQuery } from "../components/page"
import type { Pages } from "../pages"
import type { Implementation, Options } from "./api"

/** The navigation bar, which the host draws. */
export function navigationBar(pages: () => Pages): Record<string, Implementation> {
	const change = (values: Partial<Nav>) => pages().dress(values)
	return {
		setNavigationBarTitle: ({ title }) => change({ title: String(title ?? "") }),
		setNavigationBarColor: ({ frontColor, backgroundColor }) =>
			change({
				front: String(frontColor).toLowerCase() === "#ffffff" ? "white" : "black",
				background: String(backgroundColor ?? ""),
			}),
		showNavigationBarLoading: () => change({ loading: true }),
		hideNavigationBarLoading: () => change({ loading: false }),
		// The host's bar has no home button: it is already hidden.
		hideHomeButton: () => {},
	}
}

/** Background, pulling, scrolling and the keyboard. */
export function pageApi(pages: () => Pages): Record<string, Implementation> {
	return {
		setBackgroundColor: ({ backgroundColor }) => {
			if (backgroundColor) document.documentElement.style.background = String(backgroundColor)
		},
		setBackgroundTextStyle: ({ textStyle }) => {
			document.documentElement.dataset.pull = String(textStyle ?? "dark")
		},
		enableAlertBeforeUnload: ({ message }) => {
			const { top } = pages()
			if (top) top.alert = String(message ?? "")
		},
		disableAlertBeforeUnload: () => {
			const { top } = pages()
			if (top) delete top.alert
		},
		startPullDownRefresh: () => pages().startRefresh(),
		stopPullDownRefresh: () => pages().stopRefresh(),
		pageScrollTo: scrollTo,
		hideKeyboard: () => {
			if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
		},
		getSelectedTextRange: () => {
			const { activeElement: at } = document
			if (!(at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement))
				throw new Error("there is no focused input")
			return { start: at.selectionStart ?? 0, end: at.selectionEnd ?? 0 }
		},
	}
}

const DURATION = 300

function scrollTo({ scrollTop, selector, offsetTop, duration }: Options): Promise<void> {
	const target = selector
		? document.querySelector(`wx-page:not([hidden]) ${String(selector)}`)
		: null
	if (selector && !target) throw new Error(`the node "${String(selector)}" was not found`)
	const to = target
		? target.getBoundingClientRect().top + window.scrollY + Number(offsetTop ?? 0)
		: Number(scrollTop ?? 0)
	const from = window.scrollY
	const ms = duration === undefined ? DURATION : Number(duration)
	return new Promise((done) => {
		glide(ms, (part) => window.scrollTo(0, from + (to - from) * part), done)
	})
}

/** An observer of a media query, in WeChat's words. */
export function createMediaQueryObserver(): object {
	let list: MediaQueryList | undefined
	let hear: (() => void) | undefined
	const disconnect = () => {
		if (hear) list?.removeEventListener("change", hear)
	}
	return {
		observe(descriptor: Record<string, unknown>, told: (seen: { matches: boolean }) => void) {
			disconnect()
			const query = matchMedia(mediaQuery(descriptor))
			list = query
			hear = () => told({ matches: query.matches })
			query.addEventListener("change", hear)
			hear()
		},
		disconnect,
	}
}
