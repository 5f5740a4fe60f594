// `wx`: what a program may ask for. Drawing over the page, scanning, paying and everything with data is asked of
// the host; the rest is answered here.

import type { Init, Theme } from "../../lib/host/protocol"
import { knownTags } from "../components"
import type { Pages } from "../pages"
import { RouteError } from "../pages"
import { HostError, type HostPort } from "../port"
import type { Caller, Report } from "../program"
import { callerOf, patchObserver } from "../shim"
import { absentApi, nearlyAbsent } from "./absent"
import { createAnimation } from "./animation"
import { asynchronous, failure, type Implementation, type Options } from "./api"
import { chooseApi } from "./choose"
import { cloudApi } from "./cloud"
import { consentApi, consentEvents } from "./consent"
import { deviceApi } from "./device"
import { createCanvasContext, createOffscreenCanvas, drawingApi, oldestDrawing } from "./drawing"
import { Files, filesApi } from "./files"
import { locationApi } from "./location"
import { createMapContext } from "./map"
import { mediaApi } from "./media"
import { messagesApi } from "./messages"
import { addMissing } from "./missing"
import { networkApi } from "./network"
import { leavingApi, outwardApi } from "./outward"
import { createMediaQueryObserver, navigationBar, pageApi } from "./page"
import { soundApi } from "./recorder"
import { reportApi } from "./report"
import { noAdvertisement, router, worklet } from "./skyline"
import { smallLater, smallSync } from "./small"
import { storageApi } from "./storage"
import { systemApi } from "./system"
import { tabBarApi } from "./tabbar"
import { updateManager } from "./update"

/** What `wx` needs of the rest. */
export interface Surroundings {
	init: Init
	now: { theme: Theme; locale: string }
	port: HostPort
	pages: () => Pages
	report: Report
	/** `on…` and `off…`. */
	listeners: Record<string, unknown>
}

type Listener = (...args: unknown[]) => void

/** The object that programs know as `wx`. */
export function createWx(around: Surroundings): Record<string, unknown> {
	const { init, now, port, report } = around
	const storage = storageApi(init.storage, port)
	const system = systemApi(init, now)
	const files = new Files()
	const stored = filesApi(files, report)
	const media = mediaApi(files)
	const device = deviceApi(port, around.listeners)
	const sound = soundApi(port, files)

	const later: Record<string, Implementation> = {
		...storage.later,
		...routes(around.pages),
		...drawnByHost(port),
		...navigationBar(around.pages),
		getSystemInfo: system.getSystemInfoSync,
		getSystemInfoAsync: system.getSystemInfoSync,
		getNetworkType: () => ({ networkType: navigator.onLine ? "unknown" : "none" }),
		scanCode: async () => {
			const { code } = (await port.call("scanCode")) as { code: string }
			return { result: code, scanType: "WX_CODE", charSet: "UTF-8", rawData: "", path: "" }
		},
		requestPayment: (options) => port.call("requestPayment", { package: options.package }),
		setClipboardData: ({ data }) => port.call("setClipboardData", { data: String(data ?? "") }),
		vibrateShort: () => port.cast("vibrate", { long: false }),
		vibrateLong: () => port.cast("vibrate", { long: true }),
		...pageApi(around.pages),
		...tabBarApi(around.pages),
		...drawingApi((blob, type) => files.keep(blob, type)),
		...stored.later,
		...media.later,
		...chooseApi(files),
		...outwardApi(port, files),
		...leavingApi(port),
		...sound.later,
		...device.later,
		...locationApi(port),
		...messagesApi(port),
		...smallLater,
		...consentApi(port),
		openAppAuthorizeSetting: () => port.call("openSetting"),
		restartMiniProgram: ({ path }) =>
			around.pages().reLaunch(`/${String(path ?? "").replace(/^\//, "")}`),
	}

	const wx: Record<string, unknown> = {
		...system,
		...storage.synchronous,
		...smallSync,
		...media.synchronous,
		...around.listeners,
		...sound.synchronous,
		...device.synchronous,
		...consentEvents,
		...networkApi(port, files, init, report),
		env: { USER_DATA_PATH: "wxfile://usr" },
		nextTick: (run: unknown) =>
			void (typeof run === "function" && queueMicrotask(run as () => void)),
		createSelectorQuery: () => needPage(around.pages).createSelectorQuery(),
		createIntersectionObserver: (caller?: Caller, options?: object) =>
			patchObserver(
				((caller && callerOf(caller)) ?? needPage(around.pages)).createIntersectionObserver(
					options,
				),
			),
		...reportApi(port),
		createAnimation,
		createInterstitialAd: noAdvertisement,
		createRewardedVideoAd: noAdvertisement,
		worklet,
		router,
		createCanvasContext,
		...oldestDrawing,
		...nearlyAbsent,
		createOffscreenCanvas,
		createMapContext,
		createMediaQueryObserver,
		getFileSystemManager: stored.getFileSystemManager,
		getUpdateManager: updateManager(port),
		cloud: cloudApi(port, report, files),
		plaza: plazaApi(port),
	}
	for (const [name, run] of Object.entries(later)) wx[name] = asynchronous(name, run, report)
	const implemented = new Set(Object.keys(wx))
	wx.canIUse = (schema: string) => canIUse(String(schema), implemented)
	Object.assign(wx, absentApi)
	addMissing(wx, report)
	return wx
}

/** Whether this runtime really does it: an API, or a component and one of its attributes. */
export function canIUse(schema: string, implemented: Set<string>): boolean {
	const [first = "", second] = schema.split(".")
	if (implemented.has(first)) return true
	const attributes = knownTags().get(first)
	if (!attributes || second === undefined) return attributes !== undefined
	return attributes.includes(
		second.replace(/-([a-z])/g, (_whole, letter: string) => letter.toUpperCase()),
	)
}

/** The page on top, or the one that has just been closed: a component of it may still ask as it goes. */
function needPage(pages: () => Pages): Caller {
	const caller = pages().top?.caller ?? pages().closed
	if (!caller) throw new Error("there is no page yet")
	return caller
}

/** Navigation; a route that does not exist fails in WeChat's words. */
function routes(pages: () => Pages): Record<string, Implementation> {
	const url = (options: Options) => String(options.url ?? "")
	return {
		navigateTo: (options) => ({
			eventChannel: pages().navigateTo(url(options), options.events as Record<string, Listener>)
				.opener,
		}),
		redirectTo: (options) => pages().redirectTo(url(options)),
		reLaunch: (options) => pages().reLaunch(url(options)),
		switchTab: (options) => pages().switchTab(url(options)),
		navigateBack: (options) => {
			if (!pages().navigateBack(options.delta as number | undefined))
				throw new RouteError("cannot navigate back at first page.")
		},
	}
}

/** Toasts, dialogs and sheets: a program cannot draw them, so it cannot forge the host's either. */
function drawnByHost(port: HostPort): Record<string, Implementation> {
	return {
		showToast: ({ title, icon, duration, mask }) =>
			port.cast("toast", {
				title: String(title ?? ""),
				icon: icon ?? "success",
				duration: duration ?? 1500,
				mask: Boolean(mask),
			}),
		showLoading: ({ title, mask }) =>
			port.cast("toast", {
				title: String(title ?? ""),
				icon: "loading",
				duration: 0,
				mask: Boolean(mask),
			}),
		hideToast: () => port.cast("toast", null),
		hideLoading: () => port.cast("toast", null),
		showModal: ({
			title,
			content,
			showCancel,
			cancelText,
			confirmText,
			editable,
			placeholderText,
		}) =>
			port.call("modal", {
				title,
				content,
				showCancel: showCancel !== false,
				cancelText,
				confirmText,
				editable: Boolean(editable),
				placeholderText,
			}),
		showActionSheet: ({ itemList, alertText }) => port.call("actionSheet", { itemList, alertText }),
	}
}

/** What Plaza has beyond WeChat. */
function plazaApi(port: HostPort): Record<string, unknown> {
	return {
		/** Calls a method of the bridge's table; a refusal rejects with its `code` and `data`. */
		call: async (method: string, args: unknown = {}) => {
			try {
				return await port.call("bridge", { method, args })
			} catch (error) {
				if (error instanceof HostError) throw failure(`plaza.${method}`, error)
				throw error
			}
		},
		/** Opens the receipt of an order in the host. */
		openOrder: (id: string) => port.cast("openOrder", { id: String(id) }),
	}
}
