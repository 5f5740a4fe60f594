// `wx` of a game: what apps have of it without their pages, and what games alone have.

import { ratio } from "../own"
import type { Packaged } from "../packaged"
import type { HostPort } from "../port"
import type { Surroundings } from "../wx"
import { absentApi, nearlyAbsent } from "../wx/absent"
import { asynchronous, type Implementation } from "../wx/api"
import { chooseApi } from "../wx/choose"
import { cloudApi } from "../wx/cloud"
import { consentApi, consentEvents } from "../wx/consent"
import { deviceApi } from "../wx/device"
import { drawingApi } from "../wx/drawing"
import { type Files, filesApi } from "../wx/files"
import { drawnByHost, plazaApi } from "../wx/hosted"
import { locationApi } from "../wx/location"
import { mediaApi } from "../wx/media"
import { messagesApi } from "../wx/messages"
import { networkApi } from "../wx/network"
import { leavingApi, outwardApi } from "../wx/outward"
import { soundApi } from "../wx/recorder"
import { reportApi } from "../wx/report"
import { noAdvertisement } from "../wx/skyline"
import { smallLater, smallSync } from "../wx/small"
import { storageApi } from "../wx/storage"
import { systemApi } from "../wx/system"
import { updateManager } from "../wx/update"
import { workerApi } from "../wx/worker"
import { nearlyGames } from "./absent"
import { keyboardApi } from "./keyboard"
import names from "./names.json"
import { scoresApi } from "./scores"
import { Heard } from "./touch"

/** What surrounds a game. */
export interface GameAround extends Omit<Surroundings, "pages"> {
	files: Files
	pack: Packaged
	body: HTMLElement
}

const KEYBOARD = ["KeyboardInput", "KeyboardConfirm", "KeyboardComplete"]

/** The object that games know as `wx`, but for canvases, frames and fingers, which `more` brings. */
export function createGameWx(
	around: GameAround,
	more: Record<string, unknown>,
): Record<string, unknown> {
	const { init, now, port, report, files, pack, listeners, body } = around
	const storage = storageApi(init.storage, port)
	const system = gameSystem(systemApi(init, now))
	const stored = filesApi(files, report, pack)
	const media = mediaApi(files)
	const device = deviceApi(port, listeners)
	const sound = soundApi(port, files)
	const keyboard = new Heard()
	const heard = keyboard.names(KEYBOARD)
	const later: Record<string, Implementation> = {
		...storage.later,
		...drawnByHost(port),
		getSystemInfo: system.getSystemInfoSync,
		getSystemInfoAsync: system.getSystemInfoSync,
		getNetworkType: () => ({ networkType: navigator.onLine ? "unknown" : "none" }),
		...hostLater(port),
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
		...scoresApi(port),
		...keyboardApi(body, keyboard),
	}
	const wx: Record<string, unknown> = {
		...system,
		...storage.synchronous,
		...smallSync,
		...media.synchronous,
		...listeners,
		...sound.synchronous,
		...device.synchronous,
		...consentEvents,
		...heard,
		...networkApi(port, files, init, report),
		...workerApi(init.config, pack),
		...reportApi(port),
		env: { USER_DATA_PATH: "wxfile://usr" },
		nextTick: (run: unknown) =>
			void (typeof run === "function" && queueMicrotask(run as () => void)),
		createInterstitialAd: noAdvertisement,
		createRewardedVideoAd: noAdvertisement,
		...nearlyAbsent,
		...nearlyGames,
		getFileSystemManager: stored.getFileSystemManager,
		getUpdateManager: updateManager(port),
		cloud: cloudApi(port, report, files),
		plaza: plazaApi(port),
		onShow: listeners.onAppShow,
		offShow: listeners.offAppShow,
		onHide: listeners.onAppHide,
		offHide: listeners.offAppHide,
		exitPointerLock() {},
		triggerGC() {},
		getPerformance: () => performance,
		createWebAudioContext: () => new AudioContext(),
		...more,
	}
	for (const [name, run] of Object.entries(later)) wx[name] = asynchronous(name, run, report)
	const implemented = new Set(Object.keys(wx))
	wx.canIUse = (schema: unknown) => implemented.has(String(schema).split(".")[0] ?? "")
	Object.assign(wx, absentApi)
	addMissing(wx, report)
	return wx
}

/** What the host does in the game's name. */
const hostLater = (port: HostPort): Record<string, Implementation> => ({
	scanCode: async () => {
		const { code } = (await port.call("scanCode")) as { code: string }
		return { result: code, scanType: "WX_CODE", charSet: "UTF-8", rawData: "", path: "" }
	},
	requestPayment: (options) => port.call("requestPayment", { package: options.package }),
	setClipboardData: ({ data }) => port.call("setClipboardData", { data: String(data ?? "") }),
	vibrateShort: () => port.cast("vibrate", { long: false }),
	vibrateLong: () => port.cast("vibrate", { long: true }),
	openAppAuthorizeSetting: () => port.call("openSetting"),
	exitMiniProgram: () => port.call("leave"),
	restartMiniProgram: () => {
		throw new Error("not supported")
	},
})

/**
 * A browser's window cannot be another's, as on a phone it can; engines for WeChat know that of its developer tools,
 * which run in a browser, too.
 */
function gameSystem<T extends ReturnType<typeof systemApi>>(system: T): T {
	const asTools =
		<R extends object>(ask: () => R) =>
		() => {
			const told = { ...ask(), platform: "devtools", devicePixelRatio: ratio() }
			// Where the frame is less than the device's screen, it is the screen all the same.
			const { windowWidth: width, windowHeight: height } = told as {
				windowWidth?: number
				windowHeight?: number
			}
			return width === undefined ? told : { ...told, screenWidth: width, screenHeight: height }
		}
	return {
		...system,
		getDeviceInfo: asTools(system.getDeviceInfo),
		getWindowInfo: asTools(system.getWindowInfo),
		getSystemInfoSync: asTools(system.getSystemInfoSync),
	}
}

const SYNC = /Sync$|^(create|get\w*(Manager|System|Context)$)/

/** Every name of a game's typings is there; what Plaza has not fails in WeChat's words. */
function addMissing(wx: Record<string, unknown>, report: GameAround["report"]): void {
	for (const name of names)
		wx[name] ??= /^(on|off)[A-Z]/.test(name)
			? () => {}
			: SYNC.test(name)
				? () => {
						throw new Error(`${name}:fail not supported`)
					}
				: asynchronous(
						name,
						() => {
							throw new Error("not supported")
						},
						report,
					)
}
