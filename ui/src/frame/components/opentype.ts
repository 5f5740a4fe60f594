// What a button opens besides its own tap: WeChat's `open-type`. What is asked of the person is asked by the APIs of
// the same purpose, so that a button can do no more than a call.

import type { Builtin, Self } from "./builtin"
import type { Routes } from "./page"

type Opens = (self: Self, routes: Routes) => Promise<void> | void

/** Emits what an API answers, or why it did not. */
const answered =
	(event: string, ask: (self: Self, routes: Routes) => Promise<unknown>): Opens =>
	async (self, routes) => {
		const told = await ask(self, routes).catch((error: { errMsg?: string }) => ({
			errMsg: error.errMsg ?? String(error),
		}))
		self.emit(event, told)
	}

const refused =
	(event: string, words: string): Opens =>
	(self) =>
		self.emit(event, { errMsg: words, errno: 1 })

const OPENS: Record<string, Opens> = {
	share: ({ element }, routes) => routes.share(element),
	getUserInfo: answered("getuserinfo", (_self, { ask }) => ask("getUserProfile", { desc: "" })),
	getPhoneNumber: refused("getphonenumber", "getPhoneNumber:fail not supported"),
	getRealtimePhoneNumber: refused("getrealtimephonenumber", "getPhoneNumber:fail not supported"),
	contact: refused("contact", "enterContact:fail not supported"),
	launchApp: refused("error", "launchApp:fail not supported"),
	openSetting: answered("opensetting", (_self, { ask }) => ask("openSetting", {})),
	chooseAvatar: async (self, { ask }) => {
		// Who chooses nothing has not failed: WeChat says nothing either.
		const chosen = (await ask("chooseMedia", { count: 1, mediaType: ["image"] }).catch(
			() => null,
		)) as { tempFiles?: { tempFilePath: string }[] } | null
		const avatarUrl = chosen?.tempFiles?.[0]?.tempFilePath
		if (avatarUrl) self.emit("chooseavatar", { avatarUrl })
	},
	// People agree before a program opens.
	agreePrivacyAuthorization: (self) =>
		self.emit("agreeprivacyauthorization", { errMsg: "agreePrivacyAuthorization:ok" }),
}

/** Opens what the button names; names may be joined by a bar. */
export function open(self: Self, routes: Routes): void {
	for (const name of self.get<string>("openType").split("|"))
		void OPENS[name.trim()]?.(self, routes)
}

/** Attributes that go with an open-type and are not read here. */
export const OPEN_PROPERTIES: Builtin["properties"] = {
	lang: "en",
	sessionFrom: "",
	sendMessageTitle: "",
	sendMessagePath: "",
	sendMessageImg: "",
	showMessageCard: false,
	appParameter: "",
	phoneNumberNoQuotaToast: true,
}
