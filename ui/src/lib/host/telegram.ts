// How a program that was written for Telegram starts: with the launch parameters in its address's fragment, where
// Telegram's clients put them. The frame reads the same file.

import type { Launch, Theme } from "./protocol"

/** The version of Telegram's Bot API whose names are there. */
export const VERSION = "8.0"

/** Telegram's theme parameters in the colours of this house. */
export const PALETTES: Record<Theme, Record<string, string>> = {
	light: {
		bg_color: "#ffffff",
		secondary_bg_color: "#f3f6fc",
		section_bg_color: "#ffffff",
		header_bg_color: "#ffffff",
		bottom_bar_bg_color: "#ffffff",
		text_color: "#14203c",
		hint_color: "#55617d",
		subtitle_text_color: "#55617d",
		section_header_text_color: "#2456c4",
		section_separator_color: "#d8e0f0",
		link_color: "#2456c4",
		accent_text_color: "#2456c4",
		button_color: "#2456c4",
		button_text_color: "#ffffff",
		destructive_text_color: "#b3261e",
	},
	dark: {
		bg_color: "#182036",
		secondary_bg_color: "#0e1424",
		section_bg_color: "#182036",
		header_bg_color: "#182036",
		bottom_bar_bg_color: "#182036",
		text_color: "#e8eefc",
		hint_color: "#a3b0cf",
		subtitle_text_color: "#a3b0cf",
		section_header_text_color: "#86aaff",
		section_separator_color: "#2b3757",
		link_color: "#86aaff",
		accent_text_color: "#86aaff",
		button_color: "#86aaff",
		button_text_color: "#0b1a3d",
		destructive_text_color: "#ff8a80",
	},
}

type Ask = (
	path: string,
	init: { method: "POST"; headers: Record<string, string>; body: unknown },
) => Promise<unknown>

/** The fragment of the frame's address. Without a network there is no initData: nobody could believe it. */
export async function fragmentOf(
	{ appid, token, query }: Pick<Launch, "appid" | "token" | "query">,
	theme: Theme,
	ask: Ask,
): Promise<string> {
	const start = query?.startapp ?? query?.tgWebAppStartParam ?? ""
	const data = token === "" ? "" : await initData(appid, token, start, ask)
	return `#${new URLSearchParams({
		tgWebAppData: data,
		tgWebAppVersion: VERSION,
		tgWebAppPlatform: "web",
		tgWebAppThemeParams: JSON.stringify(PALETTES[theme]),
		...(start ? { tgWebAppStartParam: start } : {}),
	})}`
}

async function initData(appid: string, token: string, start: string, ask: Ask): Promise<string> {
	const answer = await ask(`/api/mp/${encodeURIComponent(appid)}/initdata`, {
		method: "POST",
		headers: { "X-Launch-Token": token },
		body: { start_param: start },
	}).catch(() => null) // a program that starts without it says so itself
	const told = (answer as { init_data?: unknown } | null)?.init_data
	return typeof told === "string" ? told : ""
}
