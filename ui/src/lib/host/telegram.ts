// How a program that was written for Telegram starts: with the launch parameters in its address's fragment, where
// Telegram's clients put them. The frame reads the same file.

import type { Launch, Theme } from "./protocol"

/** The version of Telegram's Bot API whose names are there. */
export const VERSION = "8.0"

/** Telegram's theme parameters in the colours of this house. */
export const PALETTES: Record<Theme, Record<string, string>> = {
	light: {
		bg_color: "#ffffff",
		secondary_bg_color: "#f4f6f5",
		section_bg_color: "#ffffff",
		header_bg_color: "#ffffff",
		bottom_bar_bg_color: "#ffffff",
		text_color: "#14211c",
		hint_color: "#55645d",
		subtitle_text_color: "#55645d",
		section_header_text_color: "#0b7a55",
		section_separator_color: "#dde4e0",
		link_color: "#0b7a55",
		accent_text_color: "#0b7a55",
		button_color: "#0b7a55",
		button_text_color: "#ffffff",
		destructive_text_color: "#b3261e",
	},
	dark: {
		bg_color: "#191f1d",
		secondary_bg_color: "#101413",
		section_bg_color: "#191f1d",
		header_bg_color: "#191f1d",
		bottom_bar_bg_color: "#191f1d",
		text_color: "#e7eeea",
		hint_color: "#9fb0a8",
		subtitle_text_color: "#9fb0a8",
		section_header_text_color: "#3ecf97",
		section_separator_color: "#2c3633",
		link_color: "#3ecf97",
		accent_text_color: "#3ecf97",
		button_color: "#3ecf97",
		button_text_color: "#06281b",
		destructive_text_color: "#f2938b",
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
