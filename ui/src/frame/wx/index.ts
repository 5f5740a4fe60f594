// `wx`: what a program may ask for. Drawing over the page, scanning, paying and everything with data is asked of
// the host; the rest is answered here.

import type { Init, Theme } from "../../lib/host/protocol"
import { knownTags } from "../components"
import { packaged } from "../packaged"
import type { Pages } from "../pages"
import { RouteError } from "../pages"
import type { HostPort } from "../port"
import type { Caller, Report } from "../program"
import { callerOf, patchObserver } from "../shim"
import { absentApi, nearlyAbsent } from "./absent"
import { createAnimation } from "./animation"
import { asynchronous, type Implementation, type Options } from "./api"
import { cameraApi } from "./camera"
import { chooseApi } from "./choose"
import { cloudApi } from "./cloud"
import { consentApi, consentEvents } from "./consent"
import { deviceApi } from "./device"
import { createCanvasContext, createOffscreenCanvas, drawingApi, oldestDrawing } from "./drawing"
import { Files, filesApi } from "./files"
import { drawnByHost, plazaApi } from "./hosted"
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
import { workerApi } from "./worker"

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
	const pack = packaged(init.config, port)
	const stored = filesApi(files, report, pack)
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
		...cameraApi(port, files, report),
		...workerApi(init.config, pack),
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
