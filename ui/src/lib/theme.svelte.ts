/** Light, dark, or as the device says. public/theme.js applies a stored choice before the first paint. */

import { MediaQuery } from "svelte/reactivity"

export type Theme = "system" | "light" | "dark"

const storageKey = "plaza.theme"

const dark = new MediaQuery("(prefers-color-scheme: dark)")

function stored(): Theme {
	const chosen = document.documentElement.dataset.theme
	return chosen === "light" || chosen === "dark" ? chosen : "system"
}

class ThemeChoice {
	current: Theme = $state(stored())

	choose(theme: Theme): void {
		this.current = theme
		if (theme === "system") delete document.documentElement.dataset.theme
		else document.documentElement.dataset.theme = theme
		try {
			if (theme === "system") localStorage.removeItem(storageKey)
			else localStorage.setItem(storageKey, theme)
		} catch {
			// Without storage the choice lasts as long as the page.
		}
	}

	/** What is on screen now, for those who must be told: a program's frame, a chart. */
	get resolved(): "light" | "dark" {
		if (this.current !== "system") return this.current
		return dark.current ? "dark" : "light"
	}
}

export const theme = new ThemeChoice()
