// What a program may know about the device and the app it runs in.

import type { Init, Theme } from "../../lib/host/protocol"
import { display, ratio, root } from "../own"

/** The version of WeChat's base library whose behaviour this runtime follows. */
const SDK_VERSION = "3.8.0"
const LANGUAGES: Record<string, string> = { zh: "zh_CN", en: "en", fr: "fr" }

/** The synchronous information APIs; `theme` and `locale` may change while the program runs. */
export function systemApi(init: Init, now: { theme: Theme; locale: string }) {
	const language = () => LANGUAGES[now.locale] ?? now.locale
	const platform = platformOf(navigator.userAgent)

	const getWindowInfo = () => {
		const { clientWidth: windowWidth, clientHeight: windowHeight } = root
		const safeArea = {
			left: 0,
			top: 0,
			right: windowWidth,
			bottom: windowHeight,
			width: windowWidth,
			height: windowHeight,
		}
		return {
			pixelRatio: ratio(),
			screenWidth: display.width,
			screenHeight: display.height,
			windowWidth,
			windowHeight,
			statusBarHeight: init.statusBarHeight,
			screenTop: 0,
			safeArea,
		}
	}
	const getAppBaseInfo = () => ({
		SDKVersion: SDK_VERSION,
		version: "8.0.50",
		language: language(),
		theme: now.theme,
		enableDebug: false,
		fontSizeSetting: 16,
		host: { appId: "plaza", env: "plaza", version: init.version },
	})
	const getDeviceInfo = () => ({
		brand: platform,
		model: platform,
		system: platform,
		platform,
		benchmarkLevel: -1,
		abi: "unknown",
	})
	const getSystemSetting = () => ({
		bluetoothEnabled: false,
		locationEnabled: false,
		wifiEnabled: true,
		deviceOrientation: root.clientWidth > root.clientHeight ? "landscape" : "portrait",
	})
	const getSystemInfoSync = () => ({
		...getDeviceInfo(),
		...getWindowInfo(),
		...getAppBaseInfo(),
		...getSystemSetting(),
	})
	return {
		getWindowInfo,
		getAppBaseInfo,
		getDeviceInfo,
		getSystemSetting,
		getSystemInfoSync,
		getMenuButtonBoundingClientRect: () => ({ ...init.capsule }),
		getAccountInfoSync: () => ({
			miniProgram: { appId: init.appid, envVersion: "release", version: init.version },
		}),
		getLaunchOptionsSync: () => ({
			path: init.page,
			query: init.query,
			scene: init.scene,
			referrerInfo: {},
		}),
		getEnterOptionsSync: () => ({
			path: init.page,
			query: init.query,
			scene: init.scene,
			referrerInfo: {},
		}),
	}
}

/** The platform name in WeChat's words. */
export function platformOf(agent: string): string {
	if (/iPhone|iPad/.test(agent)) return "ios"
	if (/Android/.test(agent)) return "android"
	if (/Mac OS/.test(agent)) return "mac"
	return /Windows/.test(agent) ? "windows" : "linux"
}
