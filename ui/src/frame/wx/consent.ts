// Logging in and permissions: the host asks the person, the program hears what they said.

import type { HostPort } from "../port"
import type { Implementation } from "./api"

interface Profile {
	userInfo: Record<string, unknown>
	rawData: string
	signature: string
	encryptedData: string
	iv: string
}

/** The asynchronous ones. */
export function consentApi(port: HostPort): Record<string, Implementation> {
	const { call } = port
	const profile = async (reason: unknown) =>
		(await call("getUserInfo", { reason: String(reason ?? "") })) as Profile
	return {
		login: () => call("login"),
		checkSession: () => call("checkSession"),
		authorize: ({ scope }) => call("authorize", { scope }),
		getSetting: async ({ withSubscriptions }) => ({
			...((await call("getSetting")) as object),
			...(withSubscriptions ? { subscriptionsSetting: subscriptions } : {}),
		}),
		openSetting: async ({ withSubscriptions }) => ({
			...((await call("openSetting")) as object),
			...(withSubscriptions ? { subscriptionsSetting: subscriptions } : {}),
		}),
		getUserProfile: ({ desc }) => {
			if (typeof desc !== "string")
				throw new Error(
					`parameter error: parameter.desc should be String instead of ${nameOf(desc)};`,
				)
			return profile(desc)
		},
		getUserInfo: async ({ withCredentials, desc }) => {
			const { userInfo, rawData, signature, encryptedData, iv } = await profile(desc)
			return withCredentials === false
				? { userInfo, rawData, signature }
				: { userInfo, rawData, signature, encryptedData, iv }
		},
		openPrivacyContract: () => call("openPrivacyContract"),
		// The host asks for each scope when it is needed, in its own words: there is nothing to agree to beforehand.
		getPrivacySetting: () => ({ needAuthorization: false, privacyContractName: "" }),
		requirePrivacyAuthorize: () => ({}),
	}
}

/** The rest: nobody needs to agree beforehand, so that this never happens. */
export const consentEvents = { onNeedPrivacyAuthorization() {} }

/** What is said of messages: each is asked for when it is wanted, so that nothing lasting is set. */
const subscriptions = { mainSwitch: true, itemSettings: {} }

const nameOf = (value: unknown) =>
	value === undefined ? "Undefined" : Object.prototype.toString.call(value).slice(8, -1)
