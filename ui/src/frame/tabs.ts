import type { TabBar, TabBarConfig } from "../lib/host/protocol"

/** The tab bar that the host draws to begin with; none where the program draws its own. */
export function tabBarOf(config: TabBarConfig | null): TabBar | undefined {
	if (!config || config.custom) return undefined
	return {
		list: config.list.map(({ text = "", iconPath = "", selectedIconPath = "" }) => ({
			text,
			icon: iconPath,
			selectedIcon: selectedIconPath,
			badge: "",
			dot: false,
		})),
		selected: -1,
		hidden: false,
		color: config.color ?? "",
		selectedColor: config.selectedColor ?? "",
		background: config.backgroundColor ?? "",
		border: config.borderStyle === "white" ? "white" : "black",
	}
}
