// Small ones: bytes, logs, measurements, and what is true of every program here.

import type { Implementation } from "./api"
import { bytesOf, textOf } from "./files"

const accepted = () => {}

/** A log that goes to the console, where a developer sees it. */
function log(): object {
	const tag = (name: "info" | "warn" | "error" | "debug" | "log") => console[name].bind(console)
	return {
		info: tag("info"),
		log: tag("log"),
		debug: tag("debug"),
		warn: tag("warn"),
		error: tag("error"),
		setFilterMsg() {},
		addFilterMsg() {},
		tag: () => log(),
	}
}

function performanceOf(): object {
	return {
		now: () => performance.now(),
		getEntries: () => [],
		getEntriesByName: () => [],
		getEntriesByType: () => [],
		setBufferSize() {},
		createObserver: () => ({ observe() {}, disconnect() {} }),
	}
}

/** The synchronous ones. */
export const smallSync = {
	arrayBufferToBase64: (buffer: ArrayBuffer) => textOf(bytesOf(buffer), "base64"),
	base64ToArrayBuffer: (text: string) => bytesOf(text, "base64").buffer,
	createBufferURL: (buffer: ArrayBuffer) => URL.createObjectURL(new Blob([buffer])),
	revokeBufferURL: (url: string) => URL.revokeObjectURL(url),
	getLogManager: log,
	getRealtimeLogManager: log,
	getPerformance: performanceOf,
	getExtConfigSync: () => ({}),
	getAppAuthorizeSetting: () => ({
		albumAuthorized: "not determined",
		bluetoothAuthorized: "not determined",
		cameraAuthorized: "not determined",
		locationAuthorized: "not determined",
		microphoneAuthorized: "not determined",
		notificationAuthorized: "not determined",
		phoneCalendarAuthorized: "not determined",
	}),
	getSkylineInfoSync: () => ({ isSupported: false, version: "", reason: "client not supported" }),
	getRendererUserAgent: () => Promise.resolve(navigator.userAgent),
	requestIdleCallback: (run: (deadline: object) => void) =>
		setTimeout(() => run({ timeRemaining: () => 10, didTimeout: false }), 1),
	cancelIdleCallback: (id: number) => clearTimeout(id),
	// Nobody experiments with a program's people here.
	getExptInfoSync: () => ({}),
	getApiCategory: () => ({ apiCategory: "default" }),
	reportPerformance: accepted,
	reportMonitor: accepted,
}

/** The asynchronous ones. */
export const smallLater: Record<string, Implementation> = {
	getRandomValues: ({ length }) => {
		const size = Number(length)
		if (!Number.isInteger(size) || size < 1 || size > 1_048_576)
			throw new Error("parameter error: invalid length")
		const bytes = new Uint8Array(size)
		for (let at = 0; at < size; at += 65_536)
			crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65_536)))
		return { randomValues: bytes.buffer }
	},
	getExtConfig: () => ({ extConfig: {} }),
	getSkylineInfo: () => ({ isSupported: false, version: "", reason: "client not supported" }),
	// The host's own menu decides what can be shared.
	showShareMenu: accepted,
	hideShareMenu: accepted,
	updateShareMenu: accepted,
	// Every part of the package is there when the program starts.
	preDownloadSubpackage: accepted,
	setEnableDebug: accepted,
	preloadAssets: accepted,
	preloadWebview: accepted,
	preloadSkylineView: accepted,
	setInnerAudioOption: accepted,
	checkIsOpenAccessibility: () => ({ open: false }),
	checkIsPictureInPictureActive: () => ({ active: false }),
}
