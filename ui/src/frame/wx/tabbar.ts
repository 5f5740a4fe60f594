// The tab bar that the host draws; a program changes it from any of its tab pages.

import type { TabBar } from "../../lib/host/protocol"
import type { Pages } from "../pages"
import type { Implementation, Options } from "./api"

/** Characters of a badge; longer ones end in dots, as in WeChat. */
const BADGE = 4

/** The tab bar's names of `wx`. */
export function tabBarApi(pages: () => Pages): Record<string, Implementation> {
	const change = (act: (bar: TabBar) => void) => {
		const bar = pages().tabs
		if (!bar || !pages().onTab) throw new Error("not TabBar page")
		act(bar)
		pages().announceTabs()
	}
	const item = ({ index }: Options, act: (item: TabBar["list"][number]) => void) =>
		change(({ list }) => {
			const found = list[Number(index)]
			if (!found) throw new Error("tabbar item not found")
			act(found)
		})
	const text = (value: unknown, old: string) => (value === undefined ? old : String(value))
	return {
		setTabBarBadge: (options) =>
			item(options, (tab) => {
				const badge = String(options.text ?? "")
				tab.badge = badge.length > BADGE ? `${badge.slice(0, BADGE - 1)}…` : badge
				tab.dot = false
			}),
		removeTabBarBadge: (options) => item(options, (tab) => Object.assign(tab, { badge: "" })),
		showTabBarRedDot: (options) =>
			item(options, (tab) => Object.assign(tab, { dot: true, badge: "" })),
		hideTabBarRedDot: (options) => item(options, (tab) => Object.assign(tab, { dot: false })),
		setTabBarItem: (options) =>
			item(options, (tab) => {
				tab.text = text(options.text, tab.text)
				tab.icon = text(options.iconPath, tab.icon)
				tab.selectedIcon = text(options.selectedIconPath, tab.selectedIcon)
			}),
		setTabBarStyle: (options) =>
			change((bar) => {
				bar.color = text(options.color, bar.color)
				bar.selectedColor = text(options.selectedColor, bar.selectedColor)
				bar.background = text(options.backgroundColor, bar.background)
				bar.border = options.borderStyle === "white" ? "white" : "black"
			}),
		hideTabBar: () => change((bar) => Object.assign(bar, { hidden: true })),
		showTabBar: () => change((bar) => Object.assign(bar, { hidden: false })),
	}
}
